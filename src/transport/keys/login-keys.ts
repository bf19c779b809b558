import { readFile } from 'node:fs/promises';

import {
  type BaseAgent,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import type * as ssh2Module from 'ssh2';

import { type Secret } from '../../engine/model/secret.ts';
import { boundedAgent } from './bounded-agent.ts';
import { type EffectiveSettings, type IdentityFile } from '../settings/effective-settings.ts';

/** What is needed of the library, which only those load who connect. */
export type Ssh2 = Pick<typeof ssh2Module, 'utils' | 'createAgent' | 'BaseAgent'>;

/** Asks the person for the passphrase of a key file; undefined when there is none to be had. */
export type AskPassphrase = (keyFile: string) => Promise<Secret | undefined>;

/** A private key, or why there is none to use. */
export interface LoginKey {
  readonly path: string;
  readonly key?: ParsedKey;
  /** 'is encrypted'; absent when it is not worth telling. */
  readonly problem?: string;
}

/** Reads a private key file; asks for its passphrase if it has one, and the agent does not hold the key already. */
export async function readLoginKey({
  ssh2,
  file: { path, named },
  agentKeys,
  askPassphrase,
}: {
  readonly ssh2: Ssh2;
  readonly file: IdentityFile;
  readonly agentKeys: readonly ParsedKey[];
  readonly askPassphrase: AskPassphrase | undefined;
}): Promise<LoginKey> {
  const text = await readIfThere(path);
  if (text === undefined) return named ? { path, problem: "can't be read" } : { path };
  let parsed = parseKey(ssh2, text);
  if (isEncrypted(parsed)) {
    const publicHalf = await publicHalfOf(ssh2, { path, text });
    if (agentKeys.some((key) => publicHalf?.equals(key) === true)) return { path };
    const passphrase = await askPassphrase?.(path);
    if (passphrase !== undefined) parsed = parseKey(ssh2, text, passphrase.reveal());
  }
  if (isEncrypted(parsed)) return { path, problem: 'is encrypted' };
  if (parsed instanceof Error) return { path, problem: `can't be used (${parsed.message})` };
  return parsed.isPrivateKey() ? { path, key: parsed } : { path, problem: 'is no private key' };
}

/** An agent that tells beforehand which keys it has. */
export interface LoginAgent extends BaseAgent {
  readonly keys: readonly ParsedKey[];
  /** Ends what the agent has not answered yet. */
  close(): void;
}

/** Whether a passphrase opens the text of a key file. */
export function isPassphrase(ssh2: Ssh2, text: string, passphrase: Secret): boolean {
  return isKey(parseKey(ssh2, text, passphrase.reveal()));
}

/**
 * The agent, narrowed to the keys that may be used; undefined when it has none, is gone, or does not answer. ssh2's own
 * agent would end the whole login when its socket is stale.
 * @throws CancelledError
 */
export async function loginAgent(
  ssh2: Ssh2,
  { agentSocket, identitiesOnly, identityFiles }: EffectiveSettings,
  signal?: AbortSignal,
): Promise<LoginAgent | undefined> {
  if (agentSocket === undefined) return undefined;
  const bounded = boundedAgent(ssh2, { socketPath: agentSocket, signal });
  const { agent } = bounded;
  const all = ((await bounded.identities()) ?? [])
    .map((key) => parseKey(ssh2, publicKeyOf(key)))
    .filter(isKey);
  const allowed = identitiesOnly ? await publicKeys(ssh2, identityFiles) : undefined;
  const keys = all.filter((key) => allowed?.some((one) => one.equals(key)) ?? true);
  if (keys.length === 0) return undefined;
  return new (class extends ssh2.BaseAgent<ParsedKey> {
    readonly keys = keys;
    readonly close = (): void => {
      bounded.close();
    };

    override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
      done(null, keys);
    }

    override sign(
      key: ParsedKey,
      data: Buffer,
      options: SigningRequestOptions | SignCallback,
      done?: SignCallback,
    ): void {
      if (typeof options === 'function') agent.sign(key, data, options);
      else agent.sign(key, data, options, done);
    }
  })();
}

/** The public halves that lie beside private key files. */
async function publicKeys(
  ssh2: Ssh2,
  files: readonly IdentityFile[],
): Promise<readonly ParsedKey[]> {
  const texts = await Promise.all(
    files.flatMap(({ path }) => [readIfThere(path), readIfThere(`${path}.pub`)]),
  );
  return texts
    .filter((text) => text !== undefined)
    .map((text) => parseKey(ssh2, text))
    .filter(isKey);
}

/** Some agents' keys come wrapped together with their comment. */
function publicKeyOf(
  key: string | Buffer | ParsedKey | { readonly pubKey: unknown },
): string | Buffer | ParsedKey {
  if (typeof key === 'string' || Buffer.isBuffer(key) || !('pubKey' in key)) return key;
  const inner = key.pubKey;
  return typeof inner === 'object' && inner !== null && 'pubKey' in inner
    ? (inner.pubKey as string | Buffer | ParsedKey)
    : (inner as string | Buffer | ParsedKey);
}

/** ssh2 gives a list for files in OpenSSH's format, against its types. */
function parseKey(
  { utils }: Ssh2,
  text: string | Buffer | ParsedKey,
  passphrase?: string,
): ParsedKey | Error {
  const parsed: unknown = utils.parseKey(text, passphrase);
  const [key] = (Array.isArray(parsed) ? parsed : [parsed]) as readonly (ParsedKey | Error)[];
  return key ?? new Error('it is empty');
}

/** The public half of an encrypted key: it lies beside it, or stands unencrypted in a file of OpenSSH's own format. */
async function publicHalfOf(
  ssh2: Ssh2,
  { path, text }: { readonly path: string; readonly text: string },
): Promise<ParsedKey | undefined> {
  const beside = await readIfThere(`${path}.pub`);
  const key = parseKey(ssh2, beside ?? publicPart(text) ?? '');
  return isKey(key) ? key : undefined;
}

const MAGIC = Buffer.from('openssh-key-v1\0');

/** See PROTOCOL.key of OpenSSH: cipher, key derivation and its options, the count of keys, the public key. */
function publicPart(text: string): Buffer | undefined {
  const bytes = Buffer.from(text.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  let at = MAGIC.length;
  const skip = (): void => {
    at += 4 + bytes.readUInt32BE(at);
  };
  try {
    skip();
    skip();
    skip();
    const start = at + 8;
    return bytes.subarray(start, start + bytes.readUInt32BE(at + 4));
  } catch {
    // The file was cut off.
    return undefined;
  }
}

function isKey(key: ParsedKey | Error): key is ParsedKey {
  return !(key instanceof Error);
}

function isEncrypted(key: ParsedKey | Error): boolean {
  return (
    key instanceof Error && /passphrase given|bad passphrase|integrity check/i.test(key.message)
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
