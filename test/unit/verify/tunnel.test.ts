import { expect, test } from '@jest/globals';

import { absent, type Observed, unknown, value } from '../../../src/engine/model/resource.ts';
import { tun } from '../../../src/lab/modes/tun.ts';
import { judgeVipOnServer } from '../../../src/verify/judging/judge-hosts.ts';
import { type Check } from '../../../src/verify/report.ts';
import { sampleLab } from '../../support/samples/sample-lab.ts';

function failed(checks: readonly Check[]): readonly string[] {
  return checks.filter(({ verdict }) => verdict === 'failed').map(({ name }) => name);
}

test.each<[string, Observed<string>, string, string]>([
  ['up', value('up'), 'ok', 'tunl0 up'],
  ['down', value('down'), 'failed', 'tunl0 down'],
  [
    'not there',
    unknown('Device "tunl0" does not exist.'),
    'failed',
    'could not be read: Device "tunl0" does not exist.',
  ],
])('in LVS-TUN the end of the tunnel is judged: %s', (_, link, verdict, actual) => {
  const [server] = sampleLab.realServers;
  const [director] = sampleLab.directors;
  const [service] = sampleLab.services;
  if (server === undefined || director === undefined || service === undefined) throw new Error();
  const settings = new Map(tun.realServerSettings.map(({ key, value: set }) => [key, value(set)]));
  const vip = { settings, hasVip: value('192.168.4.133 on tunl0'), link, heard: value([]) };
  const state = { logged: absent, asked: absent, nextHop: absent, vip };
  const lab = { ...sampleLab, mode: tun };
  const checks = judgeVipOnServer({ lab, director, service }, server, state);
  expect(checks.map(({ verdict: one }) => one).slice(0, -1)).toEqual(['ok', 'ok', 'ok', 'ok']);
  expect(checks.at(-1)).toMatchObject({ name: 'rs1 has its end of the tunnel', verdict, actual });
  const strict = { ...vip, settings: settings.set('net.ipv4.conf.tunl0.rp_filter', value('1')) };
  expect(
    failed(judgeVipOnServer({ lab, director, service }, server, { ...state, vip: strict })),
  ).toContain('rs1 takes what comes out of the tunnel');
});
