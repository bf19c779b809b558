import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pause } from '../../../src/engine/model/failures/cancellation.ts';
import { inventoryFile } from '../../../src/cli/session/inventory-file.ts';
import { hostNamespace, labNamed } from '../../../src/embedded/embedded-lab.ts';
import { powerCut, restartHost, startHost } from '../../../src/embedded/hosts/host-power.ts';
import { type InterfaceSettings } from '../../../src/platforms/network/network-backend.ts';
import { runProgram } from '../../support/processes.ts';
import { expectExit, lvslab, type ProgramRun } from '../../support/lvslab.ts';

const MINUTE = 60_000;
const servers = ['rs1', 'rs2'] as const;
type Server = (typeof servers)[number];

const right = {
  rs1: { device: 'ens37', address: '192.168.2.128', prefix: 24, dns: [] },
  rs2: { device: 'ens33', address: '192.168.2.129', prefix: 24, dns: [] },
} as const;

/** The director answers there, and forwards nothing; with this prefix lvslab is beyond it: a host that believes it is lost. */
const cutOff = { prefix: 28, gateway: '192.168.2.130' };

/** All that a change of the network touches, and all that one leaves behind while it is undecided. */
const stateScript = `export LC_ALL=C
ip -o -4 addr | awk '{ print $2, $4 }'; ip -o link | sed 's/.*<\\(.*\\)>.*/\\1/'; ip -4 route | sed 's/ *$//'
cd /etc; for place in network/interfaces network/interfaces.d network/if-up.d sysconfig/network-scripts; do
  [ ! -e $place ] || find $place -type f -exec stat -c '%n %a %U:%G' {} + -exec sha256sum {} + | sort
done
find /etc/systemd /var/lib/lvslab /run/systemd/transient 2>/dev/null | grep -v 'lvslab$\\|journal$' | grep -i 'lvslab\\|revert\\|wants$\\|decide' | sort
systemctl list-units --no-legend --plain 'lvslab*'
ps ax -o args | grep '[/]decide' || :`;

/** The same numbers for the same seed, from 0 to below 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function wrongSettings(server: Server, random: () => number): InterfaceSettings {
  const oneOf = <T>(choices: readonly T[]): T =>
    choices[Math.floor(random() * choices.length)] as T;
  const own = right[server];
  const others = servers.filter((name) => name !== server).map((name) => right[name].address);
  const settings = {
    dns: [],
    device: oneOf([own.device, own.device, own.device, own.device, own.device, 'ens99', 'lo']),
    address: oneOf([own.address, own.address, own.address, ...others, '192.168.2.1', '172.16.5.5']),
    prefix: oneOf([8, 16, 24, 25, 28, 28, 30, 31, 32]),
    gateway: oneOf(['192.168.2.77', '192.168.2.130', '192.168.2.130', '10.0.0.1', own.address]),
  };
  return settings;
}

/** The settings are random, but the same ones each time. */
const seeds = { debian: 20181108, el7: 20190301 } as const;

/**
 * Makes the tests that no host of a lab is ever locked out.
 * @param rounds how often both real servers get random settings.
 */
export function networkSafety(flavour: keyof typeof seeds, rounds: number): void {
  describe(`no host of a ${flavour} lab is ever locked out`, () => {
    const name = `lvo${flavour.slice(0, 3)}`;
    const lab = labNamed(name);
    const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-net-'));
    const before = new Map<Server, string>();

    const onHost = (host: string, command: string): Promise<ProgramRun> =>
      lvslab('lab', 'ssh', '-n', name, host, command);

    async function stateOf(host: Server): Promise<string> {
      const read = await onHost(host, stateScript);
      expectExit(read, 0);
      return read.stdout;
    }

    /** A playbook that gives each of these hosts its settings, and the way to lvslab before that where `keepingTheWay`. */
    function playbookFor(
      settings: Partial<Record<Server, InterfaceSettings>>,
      { keepingTheWay = false } = {},
    ): string {
      const file = path.join(folder, 'settings.ts');
      writeFileSync(
        file,
        `import { controllerRoute, definePlaybook, networkInterface } from 'lvslab';
const settings = ${JSON.stringify(settings)};
export default definePlaybook({
  name: 'settings',
  plays: Object.entries(settings).map(([hosts, nic]) => ({
    name: hosts,
    hosts,
    resources: (context) => [
      ...(${String(keepingTheWay)} ? controllerRoute(context, nic) : []),
      networkInterface(context, nic),
    ],
  })),
});
`,
      );
      return file;
    }

    const apply = (playbook: string, inventory = inventoryFile(name)): Promise<ProgramRun> =>
      lvslab('apply', '-i', inventory, '-p', playbook, '--yes', '--confirm-within', '15');

    /** Waits until the kernel of a host has the settings that cut it off; its namespace is looked at from outside. */
    async function untilTried(host: Server): Promise<void> {
      const words = ['-n', hostNamespace(lab, host), '-o', '-4'];
      const { device } = right[host];
      for (;;) {
        const { stdout: addresses } = await runProgram('ip', [
          ...words,
          'addr',
          'show',
          'dev',
          device,
        ]);
        const { stdout: routes } = await runProgram('ip', [...words, 'route']);
        if (addresses.includes(`/${cutOff.prefix} `) && routes.includes(cutOff.gateway)) return;
        await pause(200, undefined);
      }
    }

    async function takeBack(inventory = inventoryFile(name)): Promise<void> {
      const words = ['-i', inventory, '--yes', '--confirm-within', '15', '-l', 'real_servers'];
      const undone = await lvslab('teardown', ...words);
      expectExit(undone, 0);
      // Until the default route is the old one again, the way to us must stay.
      expect(undone.stdout).not.toMatch(/route to \S+: done[^]*network interface \S+: done/);
      for (const host of servers) expect(await stateOf(host)).toBe(before.get(host));
    }

    beforeAll(async () => {
      expectExit(await lvslab('lab', 'up', '-n', name, '--flavour', flavour), 0);
      for (const host of servers) before.set(host, await stateOf(host));
    }, 10 * MINUTE);

    afterAll(async () => {
      rmSync(folder, { recursive: true });
      expectExit(await lvslab('lab', 'down', '-n', name), 0);
    }, MINUTE);

    test(
      'a gateway that nobody answers for is rolled back at once, one that leads nowhere when the time is over',
      async () => {
        const settings = {
          rs1: { ...right.rs1, gateway: '192.168.2.77' },
          rs2: { ...right.rs2, ...cutOff },
        };
        const { exitCode, stdout } = await apply(playbookFor(settings));
        expect(exitCode).toBe(1);
        expect(stdout).toMatch(
          /rs1: network interface ens37: no machine on the segment of ens37 answers for the gateway 192\.168\.2\.77; the host has rolled the change back by itself, and is as it was before .*E_ROLLED_BACK/,
        );
        expect(stdout).toMatch(
          /rs2: network interface ens33: no new connection confirmed it within 15 s; the host has rolled the change back by itself, and is as it was before .*E_ROLLED_BACK/,
        );
        for (const host of servers) expect(await stateOf(host)).toBe(before.get(host));
        await takeBack();
      },
      3 * MINUTE,
    );

    test(
      'another address comes beside the one that the host is reached by, which stays, also after a reboot',
      async () => {
        const playbook = playbookFor({ rs1: { ...right.rs1, address: '192.168.2.77' } });
        expectExit(await apply(playbook), 0);
        await restartHost(lab, { host: 'rs1' });
        const state = await stateOf('rs1');
        expect(state).toContain(' 192.168.2.77/24\n');
        expect(state).toContain(` ${right.rs1.address}/24\n`);
        const again = await apply(playbook);
        expectExit(again, 0);
        expect(again.stdout).toContain('No changes.');
        await takeBack();
      },
      4 * MINUTE,
    );

    test(
      'a power cut while a change is pending: the next boot rolls it back',
      async () => {
        const settings = { rs1: { ...right.rs1, ...cutOff } };
        const words = ['--yes', '--confirm-within', '300'];
        const tried = lvslab(
          'apply',
          '-i',
          inventoryFile(name),
          '-p',
          playbookFor(settings),
          ...words,
        );
        await untilTried('rs1');
        await powerCut(lab, { host: 'rs1' });
        await startHost(lab, { host: 'rs1' });
        const { exitCode, stdout } = await tried;
        expect(exitCode).toBe(1);
        expect(stdout).toMatch(/rebooted.*as it was before.*E_ROLLED_BACK/);
        await takeBack();
      },
      3 * MINUTE,
    );

    test(
      'a real server keeps its way to a lvslab in another network, also after a reboot',
      async () => {
        const inventory = path.join(folder, 'elsewhere.yml');
        const text = readFileSync(inventoryFile(name), 'utf8');
        writeFileSync(inventory, text.replaceAll(' nc ', ' nc -s 192.168.4.1 '));
        const settings = { rs1: { ...right.rs1, gateway: '192.168.2.130' } };
        const lost = await apply(playbookFor(settings), inventory);
        expect(lost.exitCode).toBe(1);
        expect(lost.stdout).toContain('E_ROLLED_BACK');
        expect(await stateOf('rs1')).toBe(before.get('rs1'));
        const playbook = playbookFor(settings, { keepingTheWay: true });
        const kept = await apply(playbook, inventory);
        expectExit(kept, 0);
        expect(kept.stdout).toContain('route to 192.168.4.1');
        await restartHost(lab, { host: 'rs1' });
        const again = await apply(playbook, inventory);
        expectExit(again, 0);
        expect(again.stdout).toContain('No changes.');
        await takeBack(inventory);
      },
      4 * MINUTE,
    );

    test(
      `${2 * rounds} random settings, each of which leaves its host in reach, also after a reboot, and, unless it works, as it was`,
      async () => {
        const random = randomNumbers(seeds[flavour]);
        let reverted = 0;
        for (let round = 0; round < rounds; round++) {
          const settings = {
            rs1: wrongSettings('rs1', random),
            rs2: wrongSettings('rs2', random),
          };
          const began = performance.now();
          const { stdout } = await apply(playbookFor(settings));
          expect(performance.now() - began).toBeLessThan(MINUTE);
          for (const host of servers) {
            const state = await stateOf(host);
            const works = stdout.includes(`${host}: proved`);
            if (!works) reverted++;
            const expected = works ? state : before.get(host);
            expect({ ...settings[host], state }).toEqual({ ...settings[host], state: expected });
            if (!works) continue;
            await restartHost(lab, { host });
            await stateOf(host);
          }
          await takeBack();
        }
        expect(reverted).toBeGreaterThanOrEqual(Math.floor(1.4 * rounds));
      },
      8 * MINUTE,
    );
  });
}
