import { AuthenticationError } from '../../engine/model/failures/errors.ts';
import { shortened } from '../host-text.ts';
import { loginMark, STRAY_STATUS } from './login-commands.ts';
import { sudoPrompt } from './root-rights.ts';

/** A login shell that ended, or waits, without having come to the command that it was given. */
export interface LoginShellTrouble {
  readonly host: string;
  /** What it printed, on both streams. */
  readonly output: string;
  /** null: a signal ended it. */
  readonly exitCode: number | null;
}

interface Explanation {
  readonly message: string;
  readonly hint: string;
}

const LOGIN_FILES = '~/.bashrc, ~/.profile, /etc/profile.d or the like';

/** What hosts say instead of running a command. */
const REFUSALS: readonly {
  readonly sign: RegExp;
  readonly explain: (line: string, match: RegExpExecArray) => Explanation;
}[] = [
  {
    sign: /log ?in as the user "?([\w.-]+)"?.* rather than/i,
    explain: (line, [, user = '']) => ({
      message: `the host wants another user: ${line}`,
      hint: `Set ansible_user: ${user} and ansible_become: true.`,
    }),
  },
  {
    sign: /password (has )?expired|password change required|(change|choose a new) your password|must change your password/i,
    explain: (line) => ({
      message: `the password of the login user has expired: ${line}`,
      hint: 'Log in by hand once and set a new password, or have root do so on the host with `passwd USER`.',
    }),
  },
  {
    sign: /account (has )?expired/i,
    explain: (line) => ({
      message: `the account of the login user has expired: ${line}`,
      hint: 'Have root lift that on the host with `chage -E -1 USER`, or log in as another user (ansible_user).',
    }),
  },
  {
    sign: /account is (currently )?not available|does not allow (interactive|shell) (login|access)|sftp connections only/i,
    explain: (line) => ({
      message: `the login user may not run commands: ${line}`,
      hint: 'Log in as another user (ansible_user), or give this one a shell on the host with `usermod -s /bin/sh USER`.',
    }),
  },
];

/** A shell like rbash starts no program by its path. */
export function isRestricted(output: string): boolean {
  return output.includes(': restricted');
}

/** The login shell has come to the command that it was given: that says so, or sudo has something to say. */
export function isLoginOver(output: string, nonce: string): boolean {
  return (
    output.includes(loginMark(nonce)) ||
    output.includes(sudoPrompt(nonce)) ||
    /^sudo: /m.test(output)
  );
}

/** Why a login shell ended before it ran the command that it was given; one line of what it printed, at most. */
export function loginShellEnded(trouble: LoginShellTrouble): AuthenticationError {
  return asError(trouble.host, refusalIn(trouble.output) ?? howItEnded(trouble));
}

/** A login shell that does not come to its command. */
export function loginShellHangs(
  { host, output }: Omit<LoginShellTrouble, 'exitCode'>,
  limitMs: number,
): AuthenticationError {
  const line = lastLine(output);
  const printed = line === '' ? 'and printed nothing' : `and last printed: ${line}`;
  return asError(
    host,
    refusalIn(output) ?? {
      message: `the login shell did not come to the command within ${Math.round(limitMs / 1000)} s, ${printed}`,
      hint: `See what its login files (${LOGIN_FILES}) wait for, and have them do that for terminals alone.`,
    },
  );
}

/** The login files have read the standard input, which was meant for the script. */
export function inputEaten(host: string): AuthenticationError {
  return asError(host, {
    message: "the login shell's files read the standard input to its end; nothing was run",
    hint: `Have what reads there (cat, a menu) in ${LOGIN_FILES} do so for terminals alone: [ -t 0 ] && …`,
  });
}

/** What prints without end before any command is run. */
export const ENDLESS_LOGIN_HINT = `See what its login files (${LOGIN_FILES}) print, then run the command again.`;

function howItEnded({ exitCode, output }: LoginShellTrouble): Explanation {
  if (exitCode === STRAY_STATUS) {
    return {
      message:
        'the login files start another shell, which reads what is meant for sh; it was ended, and nothing was run',
      hint: `Have the exec of that shell in ${LOGIN_FILES} happen for terminals alone: [ -t 0 ] && exec …, or make it the user's login shell with \`chsh\`.`,
    };
  }
  const line = lastLine(output);
  const printed = line === '' ? 'and printed nothing' : `and last printed: ${line}`;
  return {
    message: `the login shell ended before it ran the command, ${exitCode === null ? 'by a signal' : `with status ${exitCode}`}, ${printed}`,
    hint: `See what ends it in its login files (${LOGIN_FILES}): \`ssh USER@HOST id\` must print who it is, and no more.`,
  };
}

function refusalIn(output: string): Explanation | undefined {
  for (const line of output.split('\n').map((one) => one.trim())) {
    for (const { sign, explain } of REFUSALS) {
      const match = sign.exec(line);
      if (match !== null) return explain(shortened(line), match);
    }
  }
  return undefined;
}

function lastLine(output: string): string {
  return shortened(output.trim().split('\n').at(-1)?.trim() ?? '');
}

function asError(host: string, { message, hint }: Explanation): AuthenticationError {
  return new AuthenticationError(message, { host, step: 'login', hint });
}
