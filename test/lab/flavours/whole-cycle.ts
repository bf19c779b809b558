import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AcceptedHostKeys } from '../../../src/transport/keys/accepted-host-keys.ts';
import { makeEngineContext } from '../../../src/cli/session/engine-context.ts';
import { openLab } from '../../../src/cli/session/hosts/open-lab.ts';
import { inventoryFile } from '../../../src/cli/session/inventory-file.ts';
import { type Screen } from '../../../src/cli/terminal/screen.ts';
import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { restartHost } from '../../../src/embedded/hosts/host-power.ts';
import { type Flavour } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { type LabHostName } from '../../../src/embedded/lab/lab-hosts.ts';
import { countSteps } from '../../../src/engine/model/plan.ts';
import { closeSurvey, survey } from '../../../src/engine/apply/survey.ts';
import { flavourLetters } from '../../support/lab/flavour-letters.ts';
import { snapshotDifferences, bootedSnapshotScript } from '../../support/lab/host-snapshot.ts';
import { expectExit, lvslab, type ProgramRun } from '../../support/lvslab.ts';

const MINUTE = 60_000;

const silentScreen: Screen = {
  reporter: {
    event: () => undefined,
    task: () => undefined,
    say: () => undefined,
    plan: () => Promise.resolve(),
    table: () => Promise.resolve(),
    ask: (question) => question(),
    diagnosis: async () => Promise.resolve(),
    stop: () => Promise.resolve(),
  },
  hostKeys: new AcceptedHostKeys(),
  emit: () => undefined,
  reporting: { emit: () => undefined, now: () => performance.now() },
  signal: new AbortController().signal,
  pause: () => Promise.resolve(),
};

const changedHosts = ['director', 'rs1', 'rs2'] as const;

/** Makes the tests of the documented lab's whole life on a flavour, through the program: from doctor to the last byte of a teardown. */
export function wholeCycle(flavour: Flavour): void {
  describe(`the documented lab on ${flavour}, through the program`, () => {
    const name = `lvt${flavourLetters[flavour]}`;
    const inventory = inventoryFile(name);
    const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-cycle-'));
    const onHost = (host: LabHostName, command: string): Promise<ProgramRun> =>
      lvslab('lab', 'ssh', '-n', name, host, command);

    const before = new Map<string, string>();

    async function snapshotOf(host: LabHostName): Promise<string> {
      const taken = await onHost(host, bootedSnapshotScript);
      expectExit(taken, 0);
      return taken.stdout;
    }

    async function expectAsBefore({ isBooted }: { readonly isBooted: boolean }): Promise<void> {
      const differences = await Promise.all(
        changedHosts.map(async (host) => [
          host,
          snapshotDifferences(before.get(host) ?? '', await snapshotOf(host), { isBooted }),
        ]),
      );
      expect(Object.fromEntries(differences)).toEqual({ director: [], rs1: [], rs2: [] });
    }

    async function rebootAll(): Promise<void> {
      await Promise.all(changedHosts.map((host) => restartHost(labNamed(name), { host })));
    }

    beforeAll(async () => {
      expectExit(await lvslab('lab', 'up', '-n', name, '--flavour', flavour), 0);
      for (const host of changedHosts) before.set(host, await snapshotOf(host));
    }, 20 * MINUTE);

    afterAll(async () => {
      rmSync(folder, { recursive: true });
      expectExit(await lvslab('lab', 'down', '-n', name), 0);
    }, MINUTE);

    test(
      'doctor finds nothing in the way',
      async () => {
        expectExit(await lvslab('doctor', '-i', inventory), 0);
      },
      MINUTE,
    );

    test(
      'no real server gets the director as its gateway while the director does not forward',
      async () => {
        const broken = await lvslab(
          'apply',
          '-i',
          inventory,
          '--yes',
          '-l',
          'rs1',
          '-p',
          gatewayOnly(folder),
        );
        expectExit(broken, 1);
        expect(broken.stdout).toContain('which this run may not change');
        const { stdout } = await onHost('rs1', 'ip route show default');
        expect(stdout).toContain('via 192.168.2.1 ');
      },
      MINUTE,
    );

    test(
      'a plan shows what is pending and changes nothing',
      async () => {
        const first = await lvslab('plan', '-i', inventory);
        expectExit(first, 2);
        expect(first.stdout).toContain('nginx from source');
        expectExit(await lvslab('plan', '-i', inventory), 2);
      },
      2 * MINUTE,
    );

    test(
      'apply makes it so, and proves it',
      async () => {
        const applied = await lvslab('apply', '-i', inventory, '--yes');
        expectExit(applied, 0);
        expect(applied.stdout).toContain('Applied and proved.');
      },
      10 * MINUTE,
    );

    test(
      'a second apply has nothing to do, and then one session a host says so',
      async () => {
        const again = await lvslab('apply', '-i', inventory, '--yes');
        expectExit(again, 0);
        expect(again.stdout).toContain('No changes.');

        const { hosts, playbook } = await openLab(
          { inventory: { inventory, extraVars: [] }, credentials: {}, output: {} },
          silentScreen,
        );
        const surveyed = await survey(
          hosts,
          { playbook, orphans: 'report' },
          await makeEngineContext(silentScreen),
        );
        await closeSurvey(surveyed);
        expect(surveyed.failures).toEqual([]);
        expect(surveyed.hosts.map(({ plan }) => countSteps(plan))).toEqual([0, 0, 0]);
        expect(surveyed.hosts.map(({ session }) => session.connection.sessions)).toEqual([1, 1, 1]);
      },
      2 * MINUTE,
    );

    test(
      '300 requests: 100 and 200, and all three sources agree',
      async () => {
        const verified = await lvslab('verify', '-i', inventory, '--requests', '300');
        expectExit(verified, 0);
        expect(verified.stdout).toMatch(/rs1 .* 100 +100 +100 +100 +192\.168\.4\.132/);
        expect(verified.stdout).toMatch(/rs2 .* 200 +200 +200 +200 +192\.168\.4\.132/);
      },
      3 * MINUTE,
    );

    test(
      'the drill shows that the director does not take over, and leaves all running',
      async () => {
        const drilled = await lvslab('drill', '-i', inventory);
        expectExit(drilled, 0);
        expect(drilled.stdout).toMatch(/rs2 stopped +10 +20 +0/);
        expect(drilled.stdout).toMatch(/rs2 and rs1 stopped +0 +30 +0/);
        for (const host of ['rs1', 'rs2'] as const) {
          expect((await onHost(host, 'systemctl is-active nginx')).stdout).toBe('active\n');
        }
      },
      3 * MINUTE,
    );

    test(
      'rules removed by hand are seen by plan and mended by apply',
      async () => {
        expectExit(await onHost('director', 'ipvsadm -C'), 0);
        const drift = await lvslab('plan', '-i', inventory);
        expectExit(drift, 2);
        expect(drift.stdout).toContain('ipvs service tcp 192.168.4.133:80');
        expectExit(await lvslab('apply', '-i', inventory, '--yes'), 0);
        expectExit(await lvslab('verify', '-i', inventory, '--requests', '30', '--no-restart'), 0);
      },
      4 * MINUTE,
    );

    test(
      'other weights and another scheduler are single changes to the live table',
      async () => {
        const others = ['-e', 'lvs_scheduler=rr'];
        expectExit(await lvslab('apply', '-i', inventory, '--yes', ...others), 0);
        expectExit(await lvslab('verify', '-i', inventory, '--requests', '30', ...others), 0);
        expectExit(await lvslab('apply', '-i', inventory, '--yes'), 0);
      },
      5 * MINUTE,
    );

    test(
      'everything is there again after all hosts were rebooted',
      async () => {
        await rebootAll();
        expectExit(await lvslab('plan', '-i', inventory), 0);
        expectExit(await lvslab('verify', '-i', inventory, '--requests', '30'), 0);
      },
      5 * MINUTE,
    );

    test(
      'a NIC that is not there stops its host, with the NICs that are',
      async () => {
        const wrong = await lvslab('plan', '-i', inventory, '-e', 'lvs_vip_interface=ens99');
        expectExit(wrong, 1);
        expect(wrong.stdout).toMatch(/ens99[^]*ens33 [^]*ens37/);
      },
      MINUTE,
    );

    test(
      "a person's own playbook, outside the project, runs and says its own line when it is broken",
      async () => {
        const own = path.join(folder, 'own.ts');
        writeFileSync(own, ownPlaybook('/etc/lvslab-own.conf'));
        expectExit(await lvslab('apply', '-i', inventory, '--yes', '-p', own), 0);
        expect((await onHost('rs1', 'cat /etc/lvslab-own.conf')).stdout).toBe('rs1\n');
        writeFileSync(own, `${ownPlaybook('/x')}\nnonsense(;`);
        const broken = await lvslab('plan', '-i', inventory, '-p', own);
        expectExit(broken, 1);
        expect(broken.stderr).toContain('own.ts');
      },
      2 * MINUTE,
    );

    test(
      'after a teardown the hosts are what they were, to the byte, also when all were rebooted again',
      async () => {
        const undone = await lvslab('teardown', '-i', inventory, '--yes');
        expectExit(undone, 0);
        expect(undone.stdout).toContain('Undone and proved.');
        await expectAsBefore({ isBooted: false });
        await rebootAll();
        await expectAsBefore({ isBooted: true });
      },
      10 * MINUTE,
    );
  });
}

function ownPlaybook(file: string): string {
  return `import { definePlaybook, file } from 'lvslab';
export default definePlaybook({
  name: 'own',
  plays: [
    {
      name: 'a file',
      hosts: 'real_servers',
      resources: ({ name }) => [file({ path: '${file}', content: name + '\\n' })],
    },
  ],
});
`;
}

/** The last play of the documented lab on its own, and the one that it depends on. */
function gatewayOnly(folder: string): string {
  const file = path.join(folder, 'gateway.ts');
  const director = path.resolve('playbooks/director.ts');
  writeFileSync(
    file,
    `import { definePlaybook, networkInterface, realServerOf } from 'lvslab';
import { director } from '${director}';
export default definePlaybook({
  name: 'gateway',
  plays: [
    director,
    {
      name: 'gateway',
      hosts: 'real_servers',
      after: [director.name],
      resources: (context) => [networkInterface(context, realServerOf(context).nic)],
    },
  ],
});
`,
  );
  return file;
}
