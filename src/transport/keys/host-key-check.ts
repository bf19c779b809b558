import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';

import { type ServerHostKeyAlgorithm } from 'ssh2';

import { HostKeyError } from '../../engine/model/failures/errors.ts';
import { quote } from '../../engine/model/shell/script.ts';
import { type AcceptedHostKeys, IN_THIS_RUN, type NewHostKey } from './accepted-host-keys.ts';
import { type EffectiveSettings } from '../settings/effective-settings.ts';
import {
  fingerprint,
  type HostKeyVerdict,
  judgeHostKey,
  type KnownHost,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
  renderKnownHost,
} from './known-hosts.ts';

/** Best first; ssh-rsa stands for keys of OpenSSH before 7.2, whose signatures are SHA-1. */
const ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/** A key that the person may be asked about, or told. */
export interface ShownKey {
  readonly shown: NewHostKey;
  readonly key: Buffer;
}

/** Checks the key that one host shows against what is known of it. */
export interface HostKeyCheck {
  /** In the order in which they are to be asked for: types that are known of the host come first. */
  readonly algorithms: ServerHostKeyAlgorithm[];
  /** Whether the connection may go on; if not, `refusal` says why. */
  accept(key: Buffer): boolean;
  refusal(): HostKeyError | undefined;
  /** The key that was refused only because nobody has been asked about it yet. */
  question(): ShownKey | undefined;
  /** After the login: this key counts from now on, in this run. */
  remember(): void;
  /** The key to be told and written, if it is a new one. */
  newKey(): { readonly key: NewHostKey; write(): Promise<void> } | undefined;
  /** The host's key is not the known one, and the person had said not to mind: what to do about it. */
  changed(): string | undefined;
}

/** Reads what is known of a host. */
export async function openHostKeyCheck(
  host: string,
  settings: EffectiveSettings,
  accepted: AcceptedHostKeys,
): Promise<HostKeyCheck> {
  const { hostKeyChecking: checking, hashKnownHosts } = settings;
  const files = [...settings.userKnownHostsFiles, ...settings.globalKnownHostsFiles];
  const inFiles = (await Promise.all(files.map(readKnownHosts))).flat();
  const entries = [...inFiles, ...accepted.entries];
  const plainName = settings.hostKeyAlias ?? settings.address;
  const name = settings.hostKeyAlias ?? knownHostName(settings.address, settings.port);
  const [file] = settings.userKnownHostsFiles;
  const judge = (key: Buffer, known: readonly KnownHost[] = entries): HostKeyVerdict => {
    const verdict = judgeHostKey(known, { name, key });
    // As OpenSSH: a key known for the host on port 22 will do for its other ports, but only if it is the same.
    const onPort22 = judgeHostKey(known, { name: plainName, key });
    return verdict.kind === 'new' && onPort22.kind !== 'changed' ? onPort22 : verdict;
  };
  const aboutKey = (key: Buffer): NewHostKey => ({
    host,
    name,
    fingerprint: fingerprint(key),
    file,
  });
  let seen: { readonly key: Buffer; readonly verdict: HostKeyVerdict } | undefined;
  let refusal: HostKeyError | undefined;
  return {
    algorithms: preferred(knownKeyTypes(entries, name)),
    accept: (key) => {
      const verdict = judge(key);
      seen = { key, verdict };
      refusal = refuse({ host, name, key, verdict, checking, file });
      return refusal === undefined;
    },
    refusal: () => refusal,
    question: () =>
      seen?.verdict.kind === 'new' && checking === 'ask' && accepted.canAsk
        ? { shown: aboutKey(seen.key), key: seen.key }
        : undefined,
    remember: () => {
      if (seen !== undefined && seen.verdict.kind !== 'changed') accepted.remember(name, seen.key);
    },
    changed: () =>
      seen?.verdict.kind === 'changed' ? forget(name, seen.verdict.known) : undefined,
    newKey: () => {
      if (seen === undefined || judge(seen.key, inFiles).kind !== 'new') return undefined;
      if (!accepted.isNews(name, seen.key)) return undefined;
      const salt = hashKnownHosts ? { salt: randomBytes(20) } : {};
      const line = renderKnownHost({ name, key: seen.key, ...salt });
      return {
        key: aboutKey(seen.key),
        write: async () => {
          if (file !== undefined) await appendLine(file, line);
        },
      };
    },
  };
}

/** The person was asked about a key, and it is not the right one. */
export function rejectedKey({ shown }: ShownKey): HostKeyError {
  return new HostKeyError(`the key of ${shown.name}, ${shown.fingerprint}, was not accepted`, {
    host: shown.host,
    step: 'connect',
    hint: 'Compare it with what the host says (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), and correct ansible_host if it is another host.',
  });
}

interface Judgement {
  readonly host: string;
  readonly name: string;
  readonly key: Buffer;
  readonly verdict: HostKeyVerdict;
  readonly checking: EffectiveSettings['hostKeyChecking'];
  /** Where a key is allowed. */
  readonly file: string | undefined;
}

function refuse({ host, name, key, verdict, checking, file }: Judgement): HostKeyError | undefined {
  const options = { host, step: 'connect' };
  switch (verdict.kind) {
    case 'known':
      return undefined;
    case 'new':
      if (checking === 'no' || checking === 'accept-new') return undefined;
      return new HostKeyError(`the key of ${name} is not known: it is ${fingerprint(key)}`, {
        ...options,
        hint: `Compare it with what \`cat /etc/ssh/ssh_host_*_key.pub | ssh-keygen -lf -\` says on the host itself. ${howToAllow({ name, key, file })}`,
      });
    case 'changed':
      if (checking === 'no') return undefined;
      return new HostKeyError(
        `the key of ${name} has changed: ${place(verdict.known)} knows ${fingerprint(verdict.known.key)}, the host shows ${fingerprint(key)}`,
        {
          ...options,
          hint: forget(name, verdict.known),
        },
      );
    case 'revoked':
      return new HostKeyError(
        `the key of ${name}, ${fingerprint(key)}, is marked as revoked in ${place(verdict.known)}`,
        { ...options, hint: 'Give the host a new key, or remove the mark if it is wrong.' },
      );
  }
}

/** By the key itself: asking the host for it again could bring another one. */
function howToAllow({ name, key, file }: Pick<Judgement, 'name' | 'key' | 'file'>): string {
  if (file === undefined) return 'Allow it with --host-key-checking accept-new.';
  const line = renderKnownHost({ name, key }).trimEnd();
  return `If it is the same, allow it with \`echo ${quote(line)} >> ${quote(file)}\`.`;
}

function forget(name: string, { file }: KnownHost): string {
  return file === IN_THIS_RUN
    ? 'Find out why the host shows different keys: two hosts may share the address, or somebody may be between you and the host.'
    : `If the host was set up anew, forget its old key with \`ssh-keygen -R ${quote(name)} -f ${quote(file)}\`. Otherwise somebody may be between you and the host.`;
}

function place({ file, line }: KnownHost): string {
  return file === IN_THIS_RUN ? file : `${file}:${line}`;
}

function preferred(known: ReadonlySet<string>): ServerHostKeyAlgorithm[] {
  const isKnown = (algorithm: string): boolean =>
    known.has(algorithm.replace(/^rsa-.*/, 'ssh-rsa'));
  return [...ALGORITHMS.filter(isKnown), ...ALGORITHMS.filter((one) => !isKnown(one))];
}

async function readKnownHosts(file: string): Promise<readonly KnownHost[]> {
  try {
    return parseKnownHosts(await readFile(file, 'utf8'), file);
  } catch {
    // OpenSSH too takes a file that is missing or not readable for an empty one.
    return [];
  }
}

/** One write, so that several hosts may be added at the same time. */
async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last =
      size === 0 ? '\n' : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
    await handle.write(last === '\n' ? line : `\n${line}`);
  } finally {
    await handle.close();
  }
}
