import { execFileSync } from 'node:child_process';

import { describe, expect, test } from '@jest/globals';

import { expectExit, lvslab } from '../../support/lvslab.ts';
import { ModeLab } from './mode-lab.ts';

// Three emulated machines, where this kernel has no ipip: nginx is built in two of them at once.

const MINUTE = 60_000;
const name = 'lvmtun';
const lab = new ModeLab(name);
const { inventory } = lab;
const output = lab.output.bind(lab);

/** Runs a program of this machine in the network of the client. */
function onClient(...command: readonly string[]): void {
  execFileSync('ip', ['netns', 'exec', `${name}-client`, ...command]);
}

describe('LVS-TUN, through the program', () => {
  lab.comesUp('tun', 20 * MINUTE);

  test(
    'applied once, nothing is left to do',
    async () => {
      expectExit(await lvslab('apply', '-i', inventory, '--yes'), 0);
      const again = await lvslab('apply', '-i', inventory, '--yes');
      expectExit(again, 0);
      expect(again.stdout).toContain('No changes.');
      expect(await output('director', 'ipvsadm -Ln')).toMatch(/192\.168\.2\.128:80 +Tunnel/);
      expect(await output('director', 'cat /proc/modules')).not.toMatch(/^ipip /m);
    },
    120 * MINUTE,
  );

  test(
    'it is verified, each check can fail, and the drill is what the tutorial says',
    async () => {
      const verified = await lvslab('verify', '-i', inventory, '--requests', '30', '--controls');
      expectExit(verified, 0);
      expect(verified.stdout).toMatch(/a request of many\s+1 answered/);
      expect(verified.stdout).toContain('8 controls, and the lab is whole again');
      expectExit(await lvslab('drill', '-i', inventory), 0);
    },
    30 * MINUTE,
  );

  test(
    'a tunnel that is down is a difference and a cause with a name, and one apply sets it right',
    async () => {
      await output('rs2', 'ip link set tunl0 down; sysctl -qw net.ipv4.conf.tunl0.rp_filter=1');
      expectExit(await lvslab('plan', '-i', inventory), 2);
      const diagnosed = await lvslab('diagnose', '-i', inventory);
      expect(diagnosed.stdout).toContain('L19');
      expectExit(await lvslab('apply', '-i', inventory, '--yes'), 0);
      expectExit(await lvslab('plan', '-i', inventory), 0);
    },
    20 * MINUTE,
  );

  test(
    'large requests hang where the client is not told of them, and that has a name, too',
    async () => {
      const icmp = ['INPUT', '-p', 'icmp', '--icmp-type', 'fragmentation-needed', '-j', 'DROP'];
      onClient('iptables', '-I', ...icmp);
      try {
        onClient('ip', 'route', 'flush', 'cache');
        const verified = await lvslab('verify', '-i', inventory, '--requests', '12');
        expectExit(verified, 1);
        expect(verified.stdout).toMatch(/a request of many packets is answered[\s\S]*1440/);
        const diagnosed = await lvslab('diagnose', '-i', inventory);
        expectExit(diagnosed, 1);
        expect(diagnosed.stdout).toContain('L37');
      } finally {
        onClient('iptables', '-D', ...icmp);
      }
      expectExit(await lvslab('verify', '-i', inventory, '--requests', '12'), 0);
    },
    10 * MINUTE,
  );

  lab.survivesReboot(30 * MINUTE);

  test(
    'one apply changes the mode, and another one changes it again',
    async () => {
      for (const mode of ['dr', 'nat', 'tun']) {
        const asked = ['-i', inventory, '-e', `lvs_mode=${mode}`];
        expectExit(await lvslab('apply', ...asked, '--yes'), 0);
        expectExit(await lvslab('plan', ...asked), 0);
        const tunnel = await output('rs1', 'ip -o -4 addr show; cat /proc/modules');
        expect(tunnel.includes('192.168.4.133/32 scope global tunl0')).toBe(mode === 'tun');
        expect(/^ipip /m.test(tunnel)).toBe(mode === 'tun');
        expectExit(await lvslab('verify', ...asked, '--requests', '30'), 0);
      }
    },
    60 * MINUTE,
  );

  lab.isTornDown(30 * MINUTE);
});
