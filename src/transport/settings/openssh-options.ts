import { cancelled } from '../../engine/model/failures/cancellation.ts';
import { ConnectError } from '../../engine/model/failures/errors.ts';
import { ProgramLimitError, runBounded } from '../bounded-program.ts';
import { type ConnectionSettings } from './connection-settings.ts';
import { errorField } from '../error-field.ts';
import { shortened } from '../host-text.ts';
import { type SshArguments } from './ssh-arguments.ts';

/** OpenSSH's options by lower-case name; the values of one name in the order of their precedence. */
export type OptionValues = ReadonlyMap<string, readonly string[]>;

/** What OpenSSH assumes where nothing is said; used only where there is no ssh program to ask. */
const DEFAULTS: readonly (readonly [string, string])[] = [
  ['identityfile', '~/.ssh/id_rsa'],
  ['identityfile', '~/.ssh/id_ecdsa'],
  ['identityfile', '~/.ssh/id_ed25519'],
  ['userknownhostsfile', '~/.ssh/known_hosts ~/.ssh/known_hosts2'],
  ['globalknownhostsfile', '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'],
];

/** `Match exec` and `Include` of a person's ssh_config may take a while, and a few hundred lines come out. */
const LIMITS = { timeoutMs: 20_000, maxBytes: 1024 * 1024 };

/**
 * The options in effect for a host, with the person's ssh_config where an ssh program is installed.
 * @throws ConnectError when ssh refuses them, or takes longer than 20 s; CancelledError
 */
export async function readOpenSshOptions({
  settings,
  given,
  sshProgram,
  timeoutMs = LIMITS.timeoutMs,
  signal,
}: {
  readonly settings: ConnectionSettings;
  readonly given: SshArguments;
  readonly sshProgram: string;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<OptionValues> {
  const args = [
    '-G',
    ...(given.configFile === undefined ? [] : ['-F', given.configFile]),
    ...given.options.map(({ name, value }) => `-o${name}=${value}`),
    '--',
    settings.address,
  ];
  const where = { host: settings.host, step: 'connect' };
  try {
    const limits = { ...LIMITS, timeoutMs, signal };
    const { exitCode, stdout, stderr } = await runBounded(sshProgram, args, limits);
    if (exitCode === 0) return grouped(stdout.split('\n').map(nameAndValue));
    throw new ConnectError(`ssh refuses the connection's options: ${reason(stderr, exitCode)}`, {
      ...where,
      hint: 'Check ansible_ssh_common_args, ansible_ssh_extra_args and your ssh_config.',
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cancelled(signal, where);
    if (errorField(cause, 'code') === 'ENOENT') return optionsOfArguments(given);
    throw cause instanceof ConnectError ? cause : unreadable(cause, where);
  }
}

function unreadable(
  cause: unknown,
  where: { readonly host: string; readonly step: string },
): ConnectError {
  const isEnded = cause instanceof ProgramLimitError;
  const what = isEnded ? 'was ended' : "can't be run";
  return new ConnectError(
    `ssh -G, which reads your ssh_config, ${what}: ${errorField(cause, 'message')}`,
    {
      ...where,
      cause,
      hint: isEnded
        ? "Check the commands of 'Match exec' in your ssh_config."
        : 'Install the OpenSSH client.',
    },
  );
}

function optionsOfArguments({ options }: SshArguments): OptionValues {
  const given = grouped(options.map(({ name, value }) => [name.toLowerCase(), value] as const));
  const defaults = DEFAULTS.filter(([name]) => !given.has(name));
  return new Map([...grouped(defaults), ...given]);
}

function nameAndValue(line: string): readonly [string, string] {
  const [name = '', ...values] = line.split(' ');
  return [name, values.join(' ')];
}

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
}

/** The last line that ssh printed. */
function reason(stderr: string, exitCode: number | null): string {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return last === '' ? `it ended with status ${exitCode ?? 'unknown'}` : shortened(last);
}
