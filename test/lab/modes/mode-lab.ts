import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { inventoryFile } from '../../../src/cli/session/inventory-file.ts';
import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { restartHost } from '../../../src/embedded/hosts/host-power.ts';
import { type Flavour } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { type LabMode } from '../../../src/embedded/lab/lab-modes.ts';
import { snapshotDifferences, snapshotScript } from '../../support/lab/host-snapshot.ts';
import { expectExit, lvslab } from '../../support/lvslab.ts';

const MINUTE = 60_000;
const changed = ['director', 'rs1', 'rs2'] as const;

/** An embedded lab in one mode, for the tests of one file: what its hosts are before lvslab, and at the end. */
export class ModeLab {
  readonly name: string;
  readonly inventory: string;
  readonly #before = new Map<string, string>();

  constructor(name: string) {
    this.name = name;
    this.inventory = inventoryFile(name);
  }

  /** What a command prints on a host. */
  async output(host: string, command: string): Promise<string> {
    const run = await lvslab('lab', 'ssh', '-n', this.name, host, command);
    expectExit(run, 0);
    return run.stdout;
  }

  /** Has the lab come up before the tests, and go after them. */
  comesUp(mode: LabMode, limitMs: number, flavour: Flavour = 'debian'): void {
    beforeAll(async () => {
      const asked = ['--mode', mode, '--flavour', flavour];
      expectExit(await lvslab('lab', 'up', '-n', this.name, ...asked), 0);
      for (const host of changed) {
        this.#before.set(host, await this.output(host, snapshotScript));
      }
    }, limitMs);

    afterAll(async () => {
      expectExit(await lvslab('lab', 'down', '-n', this.name), 0);
    }, MINUTE);
  }

  /** Makes the test that a reboot leaves the lab as it is. */
  survivesReboot(limitMs: number): void {
    test(
      'a reboot of all hosts brings everything back',
      async () => {
        await Promise.all(changed.map((host) => restartHost(labNamed(this.name), { host })));
        expectExit(await lvslab('plan', '-i', this.inventory), 0);
        expectExit(await lvslab('verify', '-i', this.inventory, '--requests', '30'), 0);
      },
      limitMs,
    );
  }

  /** Makes the test that a teardown leaves nothing. */
  isTornDown(limitMs: number): void {
    test(
      'a teardown leaves the hosts as they were',
      async () => {
        expectExit(await lvslab('teardown', '-i', this.inventory, '--yes'), 0);
        for (const host of changed) {
          const now = await this.output(host, snapshotScript);
          const differences = snapshotDifferences(this.#before.get(host) ?? '', now);
          expect([host, differences]).toEqual([host, []]);
        }
      },
      limitMs,
    );
  }
}
