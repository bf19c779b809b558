import { describe, expect, test } from '@jest/globals';
import { PlaybookError } from '../../../src/engine/model/failures/errors.ts';
import { faultOf, faultPlaybook, labOfFaults } from '../../../src/faults/fault.ts';
import { dr } from '../../../src/lab/modes/dr.ts';
import { tun } from '../../../src/lab/modes/tun.ts';
import { faults } from '../../../src/faults/faults.ts';
import { makeFromSpec } from '../../../src/resources/resource-kinds.ts';
import { isBroken, isFaultAlone, isProvisioned } from '../../../src/cli/session/broken-lab.ts';
import { type JournalEntry } from '../../../src/engine/journal/journal.ts';
import { absent } from '../../../src/engine/model/resource.ts';
import { debianFacts } from '../../support/samples/sample-facts.ts';
import { sampleContext, sampleLab } from '../../support/samples/sample-lab.ts';

function entry(...playbooks: readonly string[]): JournalEntry {
  return {
    id: 'x',
    before: absent,
    play: { name: 'x', after: [] },
    specs: [{ kind: 'x', args: {} }],
    playbooks,
    outcomes: [],
    interrupted: false,
  };
}

describe.each(faults)('$id, $title', ({ on, modes, resources }) => {
  const host = on === 'director' ? 'director' : 'rs1';
  const facts = { ...debianFacts, ipvsModules: new Set(['ip_vs_wrr']), controllerDevice: 'ens33' };
  const context = sampleContext(host, facts);
  const lab = modes.includes('nat') ? context.lab : { ...context.lab, mode: dr };
  const made = resources({ ...context, lab });

  test('is made of resources that a journal can bring back', () => {
    expect(made.length).toBeGreaterThan(0);
    for (const { id, spec } of made) {
      expect({ id, again: spec === undefined ? undefined : makeFromSpec(spec).id }).toEqual({
        id,
        again: id,
      });
    }
  });
});

test.each([
  ['L11', debianFacts],
  ['L33', debianFacts],
  ['L33', { ...debianFacts, controllerDevice: 'ens37' }],
])('%s is refused where it would take more than the lab', (id, facts) => {
  const fault = faults.find((one) => one.id === id);
  expect(() => fault?.resources(sampleContext('director', facts))).toThrow(PlaybookError);
});

const [http] = sampleLab.services;
if (http === undefined) throw new Error('the lab has no service');
const otherMethod = (method: 'direct-routing' | 'tunneling', address: string) => ({
  ...{ ...http, address },
  destinations: http.destinations.map((one) => ({ ...one, method })),
});

test('faults are made in the first service, as its own mode has it', () => {
  const services = [
    otherMethod('direct-routing', http.address),
    otherMethod('tunneling', '192.168.4.140'),
  ];
  expect(labOfFaults({ ...sampleLab, mode: tun, services }).mode.name).toBe('dr');
  expect(labOfFaults({ ...sampleLab, services: [] }).mode.name).toBe('nat');
});

test.each([
  ['L24', 'listen       127.0.0.1:80;'],
  ['L25', 'listen       8081;'],
])('%s leaves the ports of other services as they are', (id, changed) => {
  const listeners = [
    { protocol: 'tcp', port: 80 },
    { protocol: 'tcp', port: 8080 },
    { protocol: 'udp', port: 80 },
  ] as const;
  const realServers = sampleLab.realServers.map((one) => ({ ...one, listeners }));
  const context = sampleContext('rs1', debianFacts);
  const [configuration] =
    faults
      .find((one) => one.id === id)
      ?.resources({ ...context, lab: { ...context.lab, realServers } }) ?? [];
  const content = JSON.stringify(configuration?.spec?.args);
  expect(content).toContain(changed);
  expect(content).toContain('listen       8080;');
  expect(content).toContain('listen       80 udp;');
  expect(content).not.toContain('listen       80;');
});

test('what stands in a journal tells which fault was made, and who made something last', () => {
  expect(faultOf(faultPlaybook('L03'))).toBe('L03');
  expect(faultOf('LVS-NAT lab')).toBeUndefined();
  expect(faultOf('break L03; reboot')).toBeUndefined();
  expect(faultOf(undefined)).toBeUndefined();
  const both = entry('LVS-NAT lab', 'break L03');
  expect([isBroken(both), isFaultAlone(both)]).toEqual([true, false]);
  const mended = entry('break L03', 'LVS-NAT lab');
  expect([isBroken(mended), isFaultAlone(mended)]).toEqual([false, false]);
  const added = entry('break L01', 'break L02');
  expect([isBroken(added), isFaultAlone(added)]).toEqual([true, true]);
  expect(isProvisioned([added])).toBe(false);
  expect(isProvisioned([added, both])).toBe(true);
});
