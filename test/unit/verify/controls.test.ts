import { describe, expect, test } from '@jest/globals';

import { dr } from '../../../src/lab/modes/dr.ts';
import { nat } from '../../../src/lab/modes/nat.ts';
import { tun } from '../../../src/lab/modes/tun.ts';
import { type Mode } from '../../../src/lab/modes/mode.ts';
import { controlsOf } from '../../../src/verify/controls/control-list.ts';
import { sampleLab } from '../../support/samples/sample-lab.ts';

function controls(mode: Mode, clientAddress?: string, rip?: string) {
  const [director] = sampleLab.directors;
  const [service] = sampleLab.services;
  if (director === undefined || service === undefined) throw new Error('the sample is empty');
  const realServers = sampleLab.realServers.map((server) =>
    rip === undefined ? server : { ...server, nic: { ...server.nic, address: rip } },
  );
  return controlsOf({ lab: { ...sampleLab, mode, realServers }, director, service }, clientAddress);
}

describe('controls', () => {
  test('of LVS-NAT', () => {
    expect(controls(nat, '192.168.4.132').map(({ name, host }) => `${name} on ${host}`)).toEqual([
      'net.ipv4.ip_forward on director',
      'the way back to the client on rs2',
      'the weight of rs2 on director',
      'rs2 in the table on director',
    ]);
  });

  test('of a service of several ports take its marks away as well', () => {
    const [director] = sampleLab.directors;
    const [service] = sampleLab.services;
    if (director === undefined || service === undefined) throw new Error('the sample is empty');
    const marked = { ...service, mark: 7, ports: [80, 443] };
    const control = controlsOf({ lab: sampleLab, director, service: marked }, undefined).at(-1);
    expect(control).toMatchObject({
      name: "the marks of the service's packets",
      host: 'director',
      reddens: ['every request is answered'],
    });
    expect(control?.take.text).toContain('systemctl stop lvslab-marks');
    expect(control?.putBack.text).toBe('systemctl start lvslab-marks');
  });

  test('of LVS-DR', () => {
    expect(controls(dr, '192.168.4.132').map(({ name, host }) => `${name} on ${host}`)).toEqual([
      'the way back to the client on rs2',
      'net.ipv4.conf.all.arp_ignore on rs2',
      'net.ipv4.conf.all.arp_announce on rs2',
      'the VIP on lo on rs2',
      'the weight of rs2 on director',
      'rs2 in the table on director',
    ]);
  });

  test('of LVS-TUN', () => {
    expect(controls(tun, '192.168.4.132').map(({ name, host }) => `${name} on ${host}`)).toEqual([
      'the way back to the client on rs2',
      'net.ipv4.conf.all.arp_ignore on rs2',
      'net.ipv4.conf.all.arp_announce on rs2',
      'net.ipv4.conf.tunl0.rp_filter on rs2',
      'the VIP on tunl0 on rs2',
      'the end of the tunnel on rs2',
      'the weight of rs2 on director',
      'rs2 in the table on director',
    ]);
  });

  test('of a real server in another network lose the way back, for the director is no next hop there', () => {
    const [way] = controls(tun, '192.168.4.132', '192.168.7.129');
    expect(way?.take.text).toContain('ip route add blackhole 192.168.4.132/32');
    expect(controls(tun, '192.168.4.132')[0]?.take.text).toContain('via 192.168.2.130');
  });

  test('leave the way back alone where the client is not known', () => {
    expect(controls(dr).map(({ name }) => name)).not.toContain('the way back to the client');
  });

  test('each names a check that must fail', () => {
    for (const mode of [nat, dr, tun]) {
      for (const { reddens } of controls(mode, '192.168.4.132')) {
        expect(reddens.length).toBeGreaterThan(0);
      }
    }
  });

  test('put back what the lab wants, in whole commands', () => {
    const table = controls(nat).at(-1);
    expect(table?.take.text).toBe('ipvsadm -d -t 192.168.4.133:80 -r 192.168.2.129:80');
    expect(table?.putBack.text).toBe(
      'ipvsadm -a -t 192.168.4.133:80 -r 192.168.2.129:80 -m -w 2 2>/dev/null || ipvsadm -e -t 192.168.4.133:80 -r 192.168.2.129:80 -m -w 2',
    );
  });
});
