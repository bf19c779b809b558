import { parseAssignments } from '../shell-assignments.ts';
import { type HostRoute } from './network-backend.ts';

/**
 * EL7's /etc/sysconfig/network-scripts/route-CARD with this route in it, the same text where it says so already. What
 * others wrote there stays.
 * @param text not set where there is no file.
 */
export function mergeRouteFile(text: string | undefined, route: HostRoute): string {
  const before = text === undefined ? [] : text.replace(/\n$/, '').split('\n');
  // Of a file with assignments in it, nothing else is read.
  return before.some((line) => /^\s*ADDRESS\d+=/.test(line))
    ? mergeAssignments(text ?? '', route)
    : mergeLines(before, text ?? '', route);
}

function mergeLines(
  before: readonly string[],
  text: string,
  { address, gateway, device }: HostRoute,
): string {
  const line = `${address}/32 via ${gateway} dev ${device}`;
  if (before.some((known) => known.trim() === line)) return text;
  const isOurs = (known: string): boolean => known.trim().split(/[\s/]/)[0] === address;
  return [...before.filter((known) => !isOurs(known)), line, ''].join('\n');
}

function mergeAssignments(text: string, { address, gateway }: HostRoute): string {
  const known = new Map(parseAssignments(text));
  const numbers = [...known.keys()].flatMap((key) => /^ADDRESS(\d+)$/.exec(key)?.[1] ?? []);
  const isThere = numbers.some(
    (number) =>
      known.get(`ADDRESS${number}`) === address && known.get(`GATEWAY${number}`) === gateway,
  );
  if (isThere) return text;
  const next = Math.max(...numbers.map(Number)) + 1;
  return `${text.replace(/\n?$/, '\n')}ADDRESS${next}=${address}
NETMASK${next}=255.255.255.255
GATEWAY${next}=${gateway}
`;
}
