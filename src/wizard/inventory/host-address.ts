import { z } from 'zod';

import { connectionVariables } from '../../inventory/variables/connection-variables.ts';

/** Where a host is, as it is typed for ssh. */
export interface HostAddress {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** The parts of `[user@]host[:port]`; the host is whatever remains. */
export function parseHostAddress(text: string): HostAddress {
  const [, user, host = text, port] = /^(?:(.*)@)?([^@]*?)(?::(\d+))?$/.exec(text) ?? [];
  return {
    host,
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port: Number(port) }),
  };
}

/** A `[user@]host[:port]` each part of which an inventory can hold. */
export const hostAddress = z.string().refine((text) => {
  const { host, user, port } = parseHostAddress(text);
  const { ansible_host, ansible_user, ansible_port } = connectionVariables;
  return (
    !host.includes(':') &&
    ansible_host.schema.safeParse(host).success &&
    (user === undefined || ansible_user.schema.safeParse(user).success) &&
    (port === undefined || ansible_port.schema.safeParse(port).success)
  );
});
