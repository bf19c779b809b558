import { describe, expect, test } from '@jest/globals';
import { readNetwork, shortcomings } from '../../lab/networks/host-network.ts';

const gateway = {
  device: 'ens33',
  address: '192.168.2.128',
  prefix: 24,
  gateway: '192.168.2.130',
  dns: [],
};

const before = [
  'address ens33 192.168.2.50/24',
  'address ens33 192.168.2.128/24',
  'route default via 192.168.2.1 dev ens33',
  'route 10.9.0.0/16 via 192.168.2.9 dev ens33',
  'route 192.168.2.0/24 dev ens33 scope link src 192.168.2.50',
  'link ens33 mtu 1400',
  'link ens38 mtu 1500 master br0',
  'dns 192.168.2.1',
];

const right = before.map((line) => line.replace('via 192.168.2.1 ', 'via 192.168.2.130 '));

const judge = (after: readonly string[], settings = [gateway]): readonly string[] =>
  shortcomings(readNetwork(before.join('\n')), readNetwork(after.join('\n')), settings);

describe('the judge of networks', () => {
  test('has nothing to say of a host that has all it had, and the gateway that was asked for', () => {
    expect(judge(right)).toEqual([]);
    expect(judge([...right, 'route default via 192.168.2.1 dev ens33 metric 50'])).toEqual([]);
  });

  test.each(right.filter((line) => !line.includes('default')))('misses %s', (line) => {
    const [what = ''] = line.split(' ');
    const word = { dns: 'name server' }[what] ?? what;
    expect(judge(right.filter((other) => other !== line)).join('\n')).toContain(`lost: ${word}`);
  });

  test.each([
    ['no default route', right.filter((line) => !line.includes('default'))],
    ['the old one', before],
    ['one that wins by its metric', [...before, `${right[2] ?? ''} metric 5`]],
    ['one of another NIC', right.map((line) => line.replace('130 dev ens33', '130 dev ens37'))],
    [
      'one that only begins so',
      right.map((line) => line.replace('130 dev ens33', '130 dev ens333')),
    ],
  ])('sees %s', (_, after) => {
    expect(judge(after).join('\n')).toContain('default route: ');
  });

  test('sees what nobody asked for, another MTU, and a unit that failed', () => {
    expect(judge([...right, 'address ens37 192.168.4.7/24'])).toHaveLength(1);
    expect(judge(right.map((line) => line.replace('1400', '1500')))).toHaveLength(1);
    expect(judge([...right, 'failed networking.service'])).toEqual(['failed: networking.service']);
  });

  test('wants the default route as it was, where no gateway was asked for', () => {
    const outside = { device: 'ens37', address: '192.168.4.133', prefix: 24, dns: ['8.8.8.8'] };
    const after = [...before, 'address ens37 192.168.4.133/24', 'dns 8.8.8.8'];
    expect(judge(after, [outside as typeof gateway])).toEqual([]);
    expect(judge(right, [outside as typeof gateway])).toHaveLength(3);
  });
});
