import { ConnectError, type LvslabError } from '../engine/errors.ts';
import { quote } from '../engine/script.ts';
import { type EffectiveSettings } from './effective-settings.ts';
import { errorField } from './error-field.ts';
import { type Login } from './login.ts';

interface Explanation {
  readonly message: string;
  readonly hint: string;
}

/** By the code of the system call or of ssh2; `at` is 'address:port'. */
const EXPLANATIONS: Readonly<Record<string, (at: string) => Explanation>> = {
  ECONNREFUSED: (at) => ({
    message: `${at} refused the connection`,
    hint: 'Check that sshd runs on the host and listens on this port (ansible_port).',
  }),
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  ETIMEDOUT: noAnswer,
  'client-timeout': noAnswer,
  ENOTFOUND: unknownName,
  EAI_AGAIN: unknownName,
  ECONNRESET: (at) => ({
    message: `${at} closed the connection at once`,
    hint: 'Check that an SSH server listens there, and that it does not shut out this machine.',
  }),
};

/** Why no connection could be made. */
export async function explainConnectError({
  host,
  effective,
  login,
  proxyFailure,
  cause,
}: {
  readonly host: string;
  readonly effective: EffectiveSettings;
  readonly login: Login;
  /** How the ProxyCommand ended, if there is one and it did. */
  readonly proxyFailure: () => Promise<string | undefined>;
  readonly cause: unknown;
}): Promise<LvslabError> {
  // ssh2 marks its errors with a level, the system with a code.
  const level = errorField(cause, 'level');
  if (level === 'client-authentication' || level === 'agent') return login.refusal(cause);
  const at = `${effective.address}:${effective.port}`;
  const options = { host, step: 'connect', cause };
  const ended = level === 'client-timeout' ? undefined : await proxyFailure();
  if (ended !== undefined) {
    return new ConnectError(`the ProxyCommand to ${at} ${ended}`, {
      ...options,
      hint: `Try it by hand with \`${effective.proxyCommand ?? ''}\`.`,
    });
  }
  const { message, hint } = (EXPLANATIONS[level] ?? EXPLANATIONS[errorField(cause, 'code')])?.(
    at,
  ) ?? {
    message: `${at} does not speak SSH as expected: ${errorField(cause, 'message')}`,
    hint: `Check ansible_host and ansible_port, and try it by hand with \`ssh -v -p ${effective.port} ${quote(`${effective.user}@${effective.address}`)}\`.`,
  };
  return new ConnectError(message, { ...options, hint });
}

function noRoute(at: string): Explanation {
  return {
    message: `there is no route to ${at}`,
    hint: "Check that the host is up, and that this machine's network leads to it.",
  };
}

function noAnswer(at: string): Explanation {
  return {
    message: `${at} did not answer in time`,
    hint: 'Check that the host is up, and that no firewall drops the packets on the way.',
  };
}

function unknownName(at: string): Explanation {
  return { message: `the name of ${at} is not known`, hint: 'Correct ansible_host, or the DNS.' };
}
