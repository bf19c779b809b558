import { AuthenticationError } from '../../engine/model/failures/errors.ts';
import { type Secret } from '../../engine/model/secret.ts';
import { shortened } from '../host-text.ts';

/** How root rights are had where the login user doesn't have them. */
export type Become =
  | { readonly kind: 'never' }
  | {
      readonly kind: 'sudo';
      /** Why there is a password that this host is not to get, as what to do about it: its key is not the known one. */
      readonly withheld?: string;
    }
  | { readonly kind: 'sudo-with-password'; readonly password: Secret };

/** What the inventory says about becoming root. No password is for a host whose key has changed. */
export function becomeOf(
  {
    become,
    becomePassword,
  }: {
    readonly become: boolean;
    readonly becomePassword?: Secret;
  },
  /** What to do about a key that is not the known one, if it isn't. */
  keyChanged?: string,
): Become {
  if (!become) return { kind: 'never' };
  if (becomePassword === undefined) return { kind: 'sudo' };
  if (keyChanged !== undefined) return { kind: 'sudo', withheld: keyChanged };
  return { kind: 'sudo-with-password', password: becomePassword };
}

interface Reason {
  readonly sign: RegExp;
  readonly message: string;
  readonly hint: string;
}

const ASKS_FOR_PASSWORD =
  /password is required|no password was provided|interactive authentication is required|askpass/i;

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
    sign: /sudo: .*(password|account) (is |has )?expired|sudo: account validation failure/i,
    message: 'sudo refuses the login user, whose account or password has expired',
    hint: 'Log in by hand once and set a new password, or have root do so on the host with `passwd USER`.',
  },
  {
    sign: ASKS_FOR_PASSWORD,
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

/** What sudo asks with: no other program, and nobody who has not seen the command, can know it. */
export function sudoPrompt(nonce: string): string {
  return `${nonce}-password:`;
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
  const asked = output.split(sudoPrompt(nonce)).length - 1;
  const said = output.replace(`${nonce}-login\n`, '').replaceAll(sudoPrompt(nonce), '');
  const text = withoutSecret(said, become).trim();
  const known = reasonOf(text, become, { asked }) ?? {
    message: `no shell as root could be started: ${lastLine(text)}`,
    hint: 'Log in by hand and run `sudo sh -c id`.',
  };
  return new AuthenticationError(known.message, {
    host,
    step: become.kind === 'never' ? 'login' : 'sudo',
    cause: text.slice(-KEPT_CAUSE),
    hint: known.hint,
  });
}

/** How much of what was printed is told beside the reason. */
const KEPT_CAUSE = 2000;

function reasonOf(
  text: string,
  become: Become,
  { asked }: { readonly asked: number },
): Omit<Reason, 'sign'> | undefined {
  if (become.kind === 'sudo-with-password' && (asked > 1 || WRONG_PASSWORD.test(text))) {
    return {
      message: 'sudo refused the password',
      hint: 'Correct ansible_become_password, or give it with `lvslab … --ask-become-pass`; it was tried once.',
    };
  }
  if (become.kind === 'sudo' && become.withheld !== undefined && ASKS_FOR_PASSWORD.test(text)) {
    return {
      message: 'sudo asks for a password, which is not sent to a host whose key has changed',
      hint: become.withheld,
    };
  }
  return REASONS.find(({ sign }) => sign.test(text));
}

/** A host may send back what it was given. */
function withoutSecret(text: string, become: Become): string {
  if (become.kind !== 'sudo-with-password') return text;
  const { password } = become;
  return password.reveal() === '' ? text : text.replaceAll(password.reveal(), String(password));
}

function lastLine(text: string): string {
  if (text === '') return 'it ended at once and printed nothing';
  return shortened(text.split('\n').at(-1) ?? '');
}
