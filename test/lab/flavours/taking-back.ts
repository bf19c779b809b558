import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inventoryFile } from '../../../src/cli/session/inventory-file.ts';
import { snapshotDifferences, bootedSnapshotScript } from '../../support/lab/host-snapshot.ts';
import { expectExit, lvslab, type ProgramRun } from '../../support/lvslab.ts';

const MINUTE = 60_000;
/** Packages that a compiler needs, which somebody installs by hand afterwards. */
const linkerPlaybook = `
import { definePlay, definePlaybook, packageSet, packageRepositories } from 'lvslab';
const linker = definePlay({
  name: 'install a linker',
  hosts: 'real_servers',
  resources: ({ platform, facts, lab }) => [
    ...packageRepositories({ platform, facts }, lab),
    packageSet(platform, ['binutils', 'cpp', 'make']),
  ],
});
export default definePlaybook({ name: 'linker', plays: [linker] });
`;

const hosts = ['director', 'rs1', 'rs2'] as const;

/** One for each round. */
const schedulers = ['rr', 'wlc', 'sh'] as const;

/**
 * Makes the tests that a teardown leaves the lab as it was.
 * @param rounds how often it is applied and taken back, 1–3; the whole cycle does so beside, with the settings as they are.
 */
export function takingBack(flavour: 'debian' | 'el7', rounds: number): void {
  describe(`taking the documented lab back on ${flavour}`, () => {
    const name = `lvu${flavour.slice(0, 3)}`;
    const inventory = inventoryFile(name);
    const before = new Map<string, string>();

    const onHost = (host: string, command: string): Promise<ProgramRun> =>
      lvslab('lab', 'ssh', '-n', name, host, command);

    async function snapshotOf(host: string): Promise<string> {
      const taken = await onHost(host, bootedSnapshotScript);
      expectExit(taken, 0);
      return taken.stdout;
    }

    async function expectAsBefore(): Promise<void> {
      const differences = await Promise.all(
        hosts.map(async (host) => [
          host,
          snapshotDifferences(before.get(host) ?? '', await snapshotOf(host)),
        ]),
      );
      expect(Object.fromEntries(differences)).toEqual({ director: [], rs1: [], rs2: [] });
    }

    beforeAll(async () => {
      expectExit(await lvslab('lab', 'up', '-n', name, '--flavour', flavour), 0);
      for (const host of hosts) before.set(host, await snapshotOf(host));
    }, 10 * MINUTE);

    afterAll(async () => {
      expectExit(await lvslab('lab', 'down', '-n', name), 0);
    }, MINUTE);

    test(
      'the comparison itself sees files, kernel settings and units',
      async () => {
        expect(before.get('director')).toMatch(/^file \/etc\/passwd content [0-9a-f]{64}$/m);
        expect(before.get('director')).toMatch(/^sysctl net\.ipv4\.ip_forward = 0$/m);
        expect(before.get('rs1')).toMatch(/^route default via 192\.168\.2\.1 /m);
        expectExit(await onHost('rs1', 'touch /etc/stray && chmod 600 /etc/hosts'), 0);
        const seen = snapshotDifferences(before.get('rs1') ?? '', await snapshotOf('rs1'));
        expectExit(await onHost('rs1', 'rm /etc/stray && chmod 644 /etc/hosts'), 0);
        expect(seen.filter((line) => /stray|hosts /.test(line)).length).toBeGreaterThanOrEqual(3);
      },
      2 * MINUTE,
    );

    test(
      'a package that something else has come to need stays until that is gone',
      async () => {
        const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-packages-'));
        const playbook = path.join(folder, 'linker.ts');
        writeFileSync(playbook, linkerPlaybook);
        const install = {
          debian: 'apt-get -qy install',
          el7: "yum -qy --disablerepo='*' --enablerepo='lvslab-*' install",
        };
        // With all that came with it, which yum would leave.
        const remove = {
          debian: 'apt-get -qy --autoremove purge gcc',
          el7: "yum -qy --disablerepo='*' remove gcc glibc-devel glibc-headers kernel-headers",
        };
        try {
          expectExit(
            await lvslab('apply', '-i', inventory, '--yes', '-l', 'rs1', '-p', playbook),
            0,
          );
          expectExit(await onHost('rs1', `${install[flavour]} gcc`), 0);
          const kept = await lvslab('teardown', '-i', inventory, '--yes');
          expectExit(kept, 1);
          expect(kept.stdout).toMatch(/packages binutils cpp make \(.*\bcpp\b.*needed by gcc/);
          const there = await onHost('rs1', 'command -v cpp; command -v gcc; command -v make || :');
          expect(
            there.stdout
              .trim()
              .split('\n')
              .map((file) => path.basename(file)),
          ).toEqual(['cpp', 'gcc']);
          expectExit(await onHost('rs1', remove[flavour]), 0);
          expectExit(await lvslab('teardown', '-i', inventory, '--yes'), 0);
          const gone = await onHost('rs1', 'command -v cpp || command -v as || :');
          expect(gone.stdout).toBe('');
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
      10 * MINUTE,
    );

    test.each(schedulers.slice(0, rounds))(
      'with %s: after apply and teardown the hosts are what they were',
      async (scheduler) => {
        const settings = ['-e', `lvs_scheduler=${scheduler}`];
        expectExit(await lvslab('apply', '-i', inventory, '--yes', ...settings), 0);
        const undone = await lvslab('teardown', '-i', inventory, '--yes');
        expectExit(undone, 0);
        expect(undone.stdout).toContain('Undone and proved.');
        await expectAsBefore();
        const again = await lvslab('teardown', '-i', inventory, '--yes');
        expectExit(again, 0);
        expect(again.stdout).toContain('No changes.');
      },
      20 * MINUTE,
    );

    test(
      'the director is not torn down alone while real servers send everything through it',
      async () => {
        expectExit(await lvslab('apply', '-i', inventory, '--yes'), 0);
        const alone = await lvslab('teardown', '-i', inventory, '--yes', '-l', 'director');
        expectExit(alone, 1);
        expect(alone.stdout).toContain('which this run may not change');
        expect((await onHost('director', 'cat /proc/sys/net/ipv4/ip_forward')).stdout).toBe('1\n');
      },
      20 * MINUTE,
    );

    test(
      'reprovision: torn down, made again and verified, with one plan',
      async () => {
        const again = await lvslab('reprovision', '-i', inventory, '--yes');
        expectExit(again, 0);
        expect(again.stdout.match(/^Plan: /gm)).toHaveLength(1);
      },
      20 * MINUTE,
    );
  });
}
