import { ConnectError, type LvslabError } from '../engine/model/failures/errors.ts';
import { quote } from '../engine/model/shell/script.ts';
import { endpointText } from '../net/endpoint.ts';
import { StalledError } from './connect-watch.ts';
import { type EffectiveSettings } from './settings/effective-settings.ts';
import { errorField } from './error-field.ts';
import { shortened } from './host-text.ts';
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
  const at = endpointText({ address: effective.address, port: effective.port });
  const options = { host, step: 'connect', cause };
  if (cause instanceof StalledError) {
    return new ConnectError(`${at} ${stallOf(cause, effective)}`, {
      ...options,
      hint: STALL_HINTS[cause.stage],
    });
  }
  const ended = await proxyFailure();
  if (ended !== undefined) {
    return new ConnectError(`the ProxyCommand to ${at} ${ended}`, {
      ...options,
      hint: proxyHint(ended, effective),
    });
  }
  const { message, hint } = (EXPLANATIONS[level] ?? EXPLANATIONS[errorField(cause, 'code')])?.(
    at,
  ) ?? {
    message: `${at} does not speak SSH as expected: ${shortened(errorField(cause, 'message'))}`,
    hint: `Check ansible_host and ansible_port, and try it by hand with \`ssh -v -p ${effective.port} ${quote(`${effective.user}@${effective.address}`)}\`.`,
  };
  return new ConnectError(message, { ...options, hint });
}

/** What the host, or the way to it, did not do in time. */
function stallOf({ stage, limitMs }: StalledError, { user }: EffectiveSettings): string {
  const within = `within ${limitMs / 1000} s of its first answer`;
  switch (stage) {
    case 'answer':
      return 'did not answer in time';
    case 'key exchange':
      return `stalled in the key exchange: it was not over ${within}`;
    case 'login':
      return `stalled in the login as ${user}: it was not over ${within}`;
  }
}

const STALL_HINTS: Readonly<Record<StalledError['stage'], string>> = {
  answer: 'Check that the host is up, and that no firewall drops the packets on the way.',
  'key exchange':
    'Check that packets of full size get through (MTU), or give a slow host more time with: -o ConnectTimeout=60 in ansible_ssh_common_args',
  login:
    'See what the login waits for on the host (PAM, DNS), or give it more time with: -o ConnectTimeout=60 in ansible_ssh_common_args',
};

/** The ssh that stands for a jump host never asks: what it would ask is for the person to answer once. */
function proxyHint(ended: string, { proxyCommand = '', proxyJump }: EffectiveSettings): string {
  const [hop = ''] = proxyJump?.split(',') ?? [];
  return hop !== '' && /host key verification failed/i.test(ended)
    ? `Compare and accept the key of the jump host once, with: ssh ${hop.includes('://') ? hop : `ssh://${hop}`}`
    : `Try it by hand: ${proxyCommand}`;
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
