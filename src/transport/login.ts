import { type AnyAuthMethod, type AuthenticationType, type AuthHandlerMiddleware } from 'ssh2';

import { AuthenticationError } from '../engine/errors.ts';
import { type ConnectionSettings } from './connection-settings.ts';
import { type EffectiveSettings } from './effective-settings.ts';
import {
  type AskPassphrase,
  loginAgent,
  type LoginKey,
  readLoginKey,
  type Ssh2,
} from './login-keys.ts';

/** The tries to log in on one host, and what became of them. */
export interface Login {
  readonly authHandler: AuthHandlerMiddleware;
  refusal(cause: unknown): AuthenticationError;
}

/** One try to log in. */
interface Attempt {
  /** As people call it: 'the key /home/a/.ssh/id_ed25519'. */
  readonly label: string;
  readonly method: AnyAuthMethod;
}

/** Gathers what can be tried, in this order: key files, the agent's keys, the password. */
export async function prepareLogin({
  ssh2,
  settings,
  effective,
  askPassphrase,
  mayUsePassword,
}: {
  readonly ssh2: Ssh2;
  readonly settings: ConnectionSettings;
  readonly effective: EffectiveSettings;
  readonly askPassphrase: AskPassphrase | undefined;
  /** Asked when the host's key has been seen. */
  readonly mayUsePassword: () => boolean;
}): Promise<Login> {
  const username = effective.user;
  const keys: LoginKey[] = [];
  for (const file of effective.identityFiles) {
    // One after the other: each may ask the person for a passphrase.
    keys.push(await readLoginKey({ ssh2, file, askPassphrase }));
  }
  const agent = await loginAgent(ssh2, effective);
  const waiting: Attempt[] = [
    ...keys.flatMap(({ path, key }) =>
      key === undefined
        ? []
        : [{ label: `the key ${path}`, method: { type: 'publickey', username, key } as const }],
    ),
    ...(agent === undefined
      ? []
      : [{ label: "the agent's keys", method: { type: 'agent', username, agent } as const }]),
    ...passwordAttempts(username, settings.password),
  ];
  const tried: string[] = [];
  let accepted: readonly AuthenticationType[] = [];
  return {
    authHandler: (left: readonly AuthenticationType[] | null, _partialSuccess, next) => {
      if (left === null) {
        // As OpenSSH begins: it costs nothing and tells what the host accepts.
        next({ type: 'none', username });
        return;
      }
      accepted = left;
      const attempt = takeNext(waiting, { left, mayUsePassword: mayUsePassword() });
      if (attempt !== undefined) tried.push(attempt.label);
      // ssh2 takes false for "nothing left to try", which its types don't say.
      next(attempt?.method ?? (false as unknown as AnyAuthMethod));
    },
    refusal: (cause) => refusal({ host: settings.host, username, keys, tried, accepted, cause }),
  };
}

function passwordAttempts(username: string, password: string | undefined): readonly Attempt[] {
  if (password === undefined) return [];
  const label = 'the password';
  return [
    { label, method: { type: 'password', username, password } },
    {
      label,
      method: {
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => {
          finish(prompts.map(() => password));
        },
      },
    },
  ];
}

/** Removes and gives the next attempt that the host accepts; a password is sent only once, or it would count twice. */
function takeNext(
  waiting: Attempt[],
  { left, mayUsePassword }: { readonly left: readonly string[]; readonly mayUsePassword: boolean },
): Attempt | undefined {
  for (let attempt = waiting.shift(); attempt !== undefined; attempt = waiting.shift()) {
    const { type } = attempt.method;
    const isPassword = type === 'password' || type === 'keyboard-interactive';
    if (!left.includes(type === 'agent' ? 'publickey' : type)) continue;
    if (!isPassword) return attempt;
    waiting.length = 0;
    if (mayUsePassword) return attempt;
  }
  return undefined;
}

interface Refusal {
  readonly host: string;
  readonly username: string;
  readonly keys: readonly LoginKey[];
  readonly tried: readonly string[];
  readonly accepted: readonly string[];
  readonly cause: unknown;
}

function refusal({ host, username, keys, tried, accepted, cause }: Refusal): AuthenticationError {
  const unusable = keys.filter(({ problem }) => problem !== undefined);
  const details = [
    tried.length === 0 ? 'nothing to try' : `tried ${tried.join(', ')}`,
    ...unusable.map(({ path, problem }) => `the key ${path} ${problem ?? ''}`),
    ...(accepted.length === 0 ? [] : [`the host accepts ${accepted.join(', ')}`]),
  ];
  const encrypted = unusable.find(({ problem }) => problem === 'is encrypted');
  return new AuthenticationError(`the login as ${username} was refused: ${details.join('; ')}`, {
    host,
    step: 'connect',
    cause,
    hint:
      encrypted === undefined
        ? 'Set ansible_user and ansible_ssh_private_key_file or ansible_password to what the host accepts.'
        : `Unlock the key with: ssh-add ${encrypted.path}`,
  });
}
