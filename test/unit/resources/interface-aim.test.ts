import { describe, expect, test } from '@jest/globals';

import { type Past, value } from '../../../src/engine/model/resource.ts';
import { type InterfaceState } from '../../../src/resources/network/interface/interface-state.ts';
import { interfaceBy } from '../../../src/resources/network/interface/network-interface.ts';
import { undoTarget } from '../../support/undo-target.ts';

const nicWith = (address: string, gateway?: string) =>
  interfaceBy({
    networkConfiguration: 'ifupdown',
    settings: {
      device: 'ens37',
      address,
      prefix: 24,
      ...(gateway !== undefined && { gateway }),
      dns: [],
    },
  });

const nic = nicWith('192.168.2.128', '192.168.2.130');

function state(parts: Partial<InterfaceState>): InterfaceState {
  return { files: [], up: true, addresses: [], defaultRoutes: [], ...parts };
}

function past(
  before: Partial<InterfaceState>,
  made: readonly Pick<typeof nic, 'spec'>[] = [],
): Past<InterfaceState> {
  return {
    before: value(state(before)),
    specs: made.map(({ spec }) => spec),
    outcomes: [],
    interrupted: false,
  };
}

/** Where undoing leads, and what it runs. */
function undone(found: Partial<InterfaceState>, known: Past<InterfaceState>) {
  const from = value(state(found));
  const to = undoTarget(nic, from, known);
  expect(nic.diff(to, undoTarget(nic, to, known))).toEqual([]);
  const { addresses, defaultRoutes, up } = to.kind === 'value' ? to.value : state({});
  return { addresses, defaultRoutes, up, script: nic.converge(from, to).text };
}

const OURS = 'default via 192.168.2.130 dev ens37';
const OWN = 'default via 192.168.2.1 dev ens37 proto static';

describe('undoing a NIC', () => {
  const address = { addresses: ['192.168.2.128/24'] };

  test('brings its own default route back in the place of ours', () => {
    const known = past({ ...address, defaultRoutes: [OWN] }, [nic]);
    const { defaultRoutes, script } = undone({ ...address, defaultRoutes: [OURS] }, known);
    expect(defaultRoutes).toEqual([OWN]);
    expect(script).toBe('ip route replace default via 192.168.2.1 dev ens37 proto static');
  });

  test.each([
    ["another NIC's, with its lease", 'default via 10.0.0.1 dev ens33 proto dhcp src 10.0.0.9'],
    ["another NIC's", 'default via 10.0.0.1 dev ens33'],
    ["another NIC's of a longer name", 'default via 10.0.0.1 dev ens370 metric 100'],
    ['its own, with a lease', 'default via 192.168.2.1 dev ens37 proto dhcp src 192.168.2.77'],
  ])('never asks for a default route back that is %s', (_name, route) => {
    const known = past({ ...address, defaultRoutes: [route] }, [nic]);
    const { defaultRoutes, script } = undone({ ...address, defaultRoutes: [OURS] }, known);
    expect(defaultRoutes).toEqual([]);
    expect(script).toBe(`ip route del ${OURS}`);
    // Where it is still there, it stays.
    const both = undone({ ...address, defaultRoutes: [OURS, route] }, known);
    expect(both.defaultRoutes).toEqual([route]);
    expect(both.script).not.toContain(route);
  });

  test('leaves what came since and is not ours: addresses, routes, and the link that carries them', () => {
    const others = 'default via 192.168.2.9 dev ens37 metric 7';
    const { addresses, defaultRoutes, up, script } = undone(
      { addresses: ['192.168.2.128/24', '10.7.7.7/8'], defaultRoutes: [OURS, others] },
      past({ up: false }, [nic]),
    );
    expect({ addresses, defaultRoutes, up }).toEqual({
      addresses: ['10.7.7.7/8'],
      defaultRoutes: [others],
      up: true,
    });
    expect(script).not.toMatch(/10[.]7[.]7[.]7|metric 7|down/);
    expect(undone(address, past({ up: false }, [nic])).up).toBe(false);
  });

  test('takes all that lvslab ever gave it, but not what it had before', () => {
    const earlier = nicWith('192.168.2.140', '192.168.2.131');
    const { addresses, defaultRoutes } = undone(
      {
        addresses: ['192.168.2.140/24', '192.168.2.128/24'],
        defaultRoutes: [OURS, 'default via 192.168.2.131 dev ens37 metric 5'],
      },
      past({ addresses: ['192.168.2.128/24'] }, [earlier, nic]),
    );
    expect({ addresses, defaultRoutes }).toEqual({
      addresses: ['192.168.2.128/24'],
      defaultRoutes: [],
    });
  });

  test('does not take a cable that is out for another route', () => {
    const known = past({ ...address, defaultRoutes: [OWN] }, [nic]);
    const found = value(state({ ...address, defaultRoutes: [`${OWN} linkdown`] }));
    expect(nic.diff(found, undoTarget(nic, found, known))).toEqual([]);
  });
});

describe('a NIC with settings', () => {
  test('loses the address that lvslab gave it earlier, and no other', () => {
    const earlier = nicWith('192.168.2.140');
    const found = value(state({ addresses: ['192.168.2.140/24', '10.7.7.7/8', '10.1.1.1/8'] }));
    const to = nic.aim(found, past({ addresses: ['10.1.1.1/8'] }, [earlier, nic]));
    expect(to.kind === 'value' ? to.value.addresses : []).toEqual([
      '10.7.7.7/8',
      '10.1.1.1/8',
      '192.168.2.128/24',
    ]);
  });

  test('keeps an earlier one that it had before lvslab, or that another playbook wants', () => {
    const earlier = nicWith('192.168.2.140');
    const found = value(state({ addresses: ['192.168.2.140/24'] }));
    for (const known of [past({ addresses: ['192.168.2.140/24'] }, [earlier, nic]), past({}, [])]) {
      const to = nic.aim(found, known);
      expect(to.kind === 'value' ? to.value.addresses : []).toEqual([
        '192.168.2.140/24',
        '192.168.2.128/24',
      ]);
    }
  });
});

test('what a NIC got is told without what those beside it got in the same play', () => {
  const OWN_FOLDER = '/etc/NetworkManager/system-connections';
  const settings = (device: string, address: string) => ({ device, address, prefix: 24, dns: [] });
  const [lan, wan] = [settings('ens33', '192.168.2.128'), settings('ens37', '192.168.4.133')];
  const first = interfaceBy({ networkConfiguration: 'nm', settings: lan });
  const second = interfaceBy({ networkConfiguration: 'nm', settings: wan, beside: [lan] });
  const profile = (device: string, ...addresses: readonly string[]) => ({
    path: `${OWN_FOLDER}/${device}`,
    file: {
      content: [
        `[connection]\nid=${device}\nuuid=${device}\ntype=ethernet\ninterface-name=${device}\n`,
        '[ipv4]\nmethod=manual',
        ...addresses.map((address, i) => `address${i + 1}=${address}/24`),
        '',
      ].join('\n'),
      mode: '0600',
    },
  });
  const boot = { comesUp: true, dhcp: false, addresses: [], link: 'plain' } as const;
  const at = (lanHas: readonly string[], wanHas: readonly string[]) =>
    value(
      state({
        files: [profile('ens33', ...lanHas), profile('ens37', ...wanHas)],
        boot: { ...boot, nameServers: [], conflicts: [] },
        known: {
          nics: ['ens33 00:0c:29:53:71:80', 'ens37 00:0c:29:53:71:8a'],
          ...{ others: [], timestamps: [], automatic: [], cloudInit: [] },
        },
      }),
    );
  const [before, after] = [
    at(['192.168.2.51'], ['192.168.4.51']),
    at(['192.168.2.51', '192.168.2.128'], ['192.168.4.51', '192.168.4.133']),
  ];
  expect(first.undo?.outcome?.(before, after)).toEqual({ written: [`${OWN_FOLDER}/ens33`] });
  expect(second.undo?.outcome?.(before, after)).toEqual({ written: [`${OWN_FOLDER}/ens37`] });
});
