import {
  type AnyAuthMethod,
  type AuthenticationType,
  type AuthHandlerMiddleware,
  type BaseAgent,
  type ParsedKey,
} from 'ssh2';

import { AuthenticationError } from '../engine/model/failures/errors.ts';
import { quote } from '../engine/model/shell/script.ts';
import { type Secret } from '../engine/model/secret.ts';
import { type ConnectionSettings } from './settings/connection-settings.ts';
import { type EffectiveSettings } from './settings/effective-settings.ts';
import {
  type AskPassphrase,
  loginAgent,
  type LoginKey,
  readLoginKey,
  type Ssh2,
} from './keys/login-keys.ts';

/** The tries to log in on one host, and what became of them. */
export interface Login {
  readonly authHandler: AuthHandlerMiddleware;
  /** Ends what the agent has not answered yet. */
  close(): void;
  refusal(cause: unknown): AuthenticationError;
}

/** One try to log in. */
interface Attempt {
  /** As people call it: 'the key /home/a/.ssh/id_ed25519'. */
  readonly label: string;
  readonly type: AuthenticationType;
  /** Made only when its turn comes: it may hold the password. */
  readonly method: () => AnyAuthMethod;
}

/** Gathers what can be tried, in this order: key files, the agent's keys, the password. */
export async function prepareLogin({
  ssh2,
  settings,
  effective,
  askPassphrase,
  mayUsePassword,
  signal,
}: {
  readonly ssh2: Ssh2;
  readonly settings: ConnectionSettings;
  readonly effective: EffectiveSettings;
  readonly askPassphrase: AskPassphrase | undefined;
  /** Asked when the host's key has been seen. */
  readonly mayUsePassword: () => boolean;
  readonly signal: AbortSignal | undefined;
}): Promise<Login> {
  const username = effective.user;
  const agent = await loginAgent(ssh2, effective, signal);
  const keys: LoginKey[] = [];
  for (const file of effective.identityFiles) {
    // One after the other: each may ask the person for a passphrase.
    keys.push(await readLoginKey({ ssh2, file, agentKeys: agent?.keys ?? [], askPassphrase }));
  }
  const waiting: Attempt[] = [
    ...keys.flatMap(({ path, key }) =>
      key === undefined ? [] : [keyAttempt(username, path, key)],
    ),
    ...(agent === undefined ? [] : [agentAttempt(username, agent)]),
    ...passwordAttempts(username, settings.password),
  ];
  const tried: string[] = [];
  let accepted: readonly AuthenticationType[] = [];
  let isNoneTried = false;
  return {
    authHandler: (left: readonly AuthenticationType[] | null, _partialSuccess, next) => {
      accepted = left ?? accepted;
      // Nearly every host accepts keys: whoever has one need not ask first, which takes a round trip.
      const guess = waiting[0]?.type === 'publickey' ? (['publickey'] as const) : undefined;
      const known = left ?? guess;
      const attempt = known && takeNext(waiting, { left: known, mayUsePassword: mayUsePassword() });
      if (attempt !== undefined) {
        tried.push(attempt.label);
        next(attempt.method());
      } else if (isNoneTried) {
        // ssh2 takes false for "nothing left to try", which its types don't say.
        next(false as unknown as AnyAuthMethod);
      } else {
        // It tells what the host accepts; and a host may let in without any of it.
        isNoneTried = true;
        next({ type: 'none', username });
      }
    },
    close: () => agent?.close(),
    refusal: (cause) => refusal({ host: settings.host, username, keys, tried, accepted, cause }),
  };
}

function keyAttempt(username: string, path: string, key: ParsedKey): Attempt {
  return {
    label: `the key ${path}`,
    type: 'publickey',
    method: () => ({ type: 'publickey', username, key }),
  };
}

function agentAttempt(username: string, agent: BaseAgent): Attempt {
  return {
    label: "the agent's keys",
    type: 'publickey',
    method: () => ({ type: 'agent', username, agent }),
  };
}

function passwordAttempts(username: string, password: Secret | undefined): readonly Attempt[] {
  if (password === undefined) return [];
  const label = 'the password';
  let isAnswered = false;
  return [
    {
      label,
      type: 'password',
      method: () => ({ type: 'password', username, password: password.reveal() }),
    },
    {
      label,
      type: 'keyboard-interactive',
      method: () => ({
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => {
          // Once, and not to a question whose answer would be shown: a host may ask as often as it likes.
          const isPassword = ({ echo }: { echo?: boolean }): boolean =>
            echo !== true && !isAnswered;
          const answers = prompts.map((one) => (isPassword(one) ? password.reveal() : ''));
          isAnswered ||= prompts.length > 0;
          finish(answers);
        },
      }),
    },
  ];
}

/** Removes and gives the next attempt that the host accepts; a password is sent only once, or it would count twice. */
function takeNext(
  waiting: Attempt[],
  { left, mayUsePassword }: { readonly left: readonly string[]; readonly mayUsePassword: boolean },
): Attempt | undefined {
  for (let attempt = waiting.shift(); attempt !== undefined; attempt = waiting.shift()) {
    if (!left.includes(attempt.type)) continue;
    if (attempt.type === 'publickey') return attempt;
    waiting.length = 0;
    if (mayUsePassword) return attempt;
  }
  return undefined;
}

/** The password that was given is wrong, or none was given. */
function hintFor(tried: readonly string[]): string {
  return tried.includes('the password')
    ? 'Correct ansible_password, or give it with `lvslab … --ask-pass`; it was tried once.'
    : 'Set ansible_user and ansible_ssh_private_key_file to what the host accepts, or give a password with `lvslab … --ask-pass` or ansible_password.';
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
        ? hintFor(tried)
        : `Unlock the key with \`ssh-add ${quote(encrypted.path)}\`.`,
  });
}
