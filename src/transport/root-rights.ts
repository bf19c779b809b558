import { AuthenticationError } from '../engine/errors.ts';
import { type Secret } from '../engine/secret.ts';

/** How root rights are had where the login user doesn't have them. */
export type Become =
  | { readonly kind: 'never' }
  | { readonly kind: 'sudo' }
  | { readonly kind: 'sudo-with-password'; readonly password: Secret };

/** What the inventory says about becoming root. */
export function becomeOf({
  become,
  becomePassword,
}: {
  readonly become: boolean;
  readonly becomePassword?: Secret;
}): Become {
  if (!become) return { kind: 'never' };
  if (becomePassword === undefined) return { kind: 'sudo' };
  return { kind: 'sudo-with-password', password: becomePassword };
}

interface Reason {
  readonly sign: RegExp;
  readonly message: string;
  readonly hint: string;
}

/** What sudo (1.8 to 1.9, and sudo-rs) and sh print under LC_ALL=C when root rights can't be had. */
const REASONS: readonly Reason[] = [
  {
    sign: /-not-root$/m,
    message: 'the login user is not root, and is not to become root',
    hint: 'Set ansible_become: true, or log in as root.',
  },
  {
    sign: /sudo: (command )?not found|sudo: No such file/,
    message: 'sudo is not installed',
    hint: 'Install sudo on the host, or log in as root.',
  },
  {
    sign: /must have a tty/,
    message: 'sudo wants a terminal',
    hint: "Remove 'Defaults requiretty' for this user from the host's sudoers.",
  },
  {
    sign: /not in the sudoers|may not run sudo|not allowed to (execute|run)|I'm afraid I can't do that/i,
    message: 'the login user may not become root by sudo',
    hint: 'Allow the user to run everything as root in the sudoers of the host, or log in as another user.',
  },
  {
    sign: /password is required|no password was provided|interactive authentication is required|askpass/i,
    message: 'sudo asks for a password, and none is given',
    hint: 'Give it with `lvslab … --ask-become-pass` or ansible_become_password, or allow sudo without a password for this user.',
  },
  {
    sign: /effective uid is not 0|no new privileges|setuid/i,
    message: "sudo can't become root on this host",
    hint: 'Make the sudo program setuid root, on a file system without nosuid.',
  },
];

const WRONG_PASSWORD =
  /try again|incorrect (password|authentication) attempt|authentication failed/i;

/** Whether sudo has refused the password: it says so, or asks a second time. */
export function wrongSudoPassword(stderr: string, nonce: string): boolean {
  return WRONG_PASSWORD.test(stderr) || stderr.split(`${nonce}-password:`).length > 2;
}

/** Why there is no shell as root, out of what was printed instead. */
export function refusedRoot({
  host,
  become,
  nonce,
  output,
}: {
  readonly host: string;
  readonly become: Become;
  readonly nonce: string;
  readonly output: string;
}): AuthenticationError {
  const text = output.replaceAll(`${nonce}-password:`, '').trim();
  const step = become.kind === 'never' ? 'login' : 'sudo';
  const reason =
    become.kind === 'sudo-with-password' && wrongSudoPassword(output, nonce)
      ? {
          message: 'sudo refused the password',
          hint: 'Correct ansible_become_password, or give it with `lvslab … --ask-become-pass`; it was tried once.',
        }
      : REASONS.find(({ sign }) => sign.test(text));
  const known = reason ?? {
    message: `no shell as root could be started: ${lastLine(text)}`,
    hint: 'Log in by hand and run `sudo sh -c id`.',
  };
  return new AuthenticationError(known.message, { host, step, cause: text, hint: known.hint });
}

function lastLine(text: string): string {
  return text === '' ? 'it ended at once and printed nothing' : (text.split('\n').at(-1) ?? '');
}
