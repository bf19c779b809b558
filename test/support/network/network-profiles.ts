import fc from 'fast-check';

import { type ProfileSettings } from '../../../src/platforms/network/formats/profile-settings.ts';

/** IPv4 addresses of machines, dotted. */
export const hosts = fc
  .tuple(fc.constantFrom('10.0.0', '192.168.2', '192.168.4'), fc.integer({ min: 1, max: 254 }))
  .map(([network, host]) => `${network}.${host}`);

/** What a NIC may be asked to have. */
export const settingsOf = (device: string): fc.Arbitrary<ProfileSettings> =>
  fc.record(
    {
      device: fc.constant(device),
      address: hosts,
      prefix: fc.integer({ min: 8, max: 30 }),
      gateway: hosts,
      dns: fc.uniqueArray(hosts, { maxLength: 3 }),
      replaces: fc.array(
        hosts.map((host) => `${host}/24`),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: ['device', 'address', 'prefix', 'dns'] },
  );

/** The lines of `before` that are not in `after`, and the other way round. */
export function lineChanges(
  before: string,
  after: string,
): { readonly gone: readonly string[]; readonly came: readonly string[] } {
  const count = (text: string): Map<string, number> => {
    const found = new Map<string, number>();
    for (const line of text.split('\n')) found.set(line, (found.get(line) ?? 0) + 1);
    return found;
  };
  const [old, now] = [count(before), count(after)];
  const beyond = (a: Map<string, number>, b: Map<string, number>): readonly string[] =>
    [...a].flatMap(([line, times]) => (times > (b.get(line) ?? 0) ? [line] : []));
  return { gone: beyond(old, now), came: beyond(now, old) };
}
