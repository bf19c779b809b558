import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { CONTROLLERS, Model, type Name } from '../../support/model/engine-model.ts';
import { type Invocation, isHeld, type Wish } from '../../support/model/simulated-controllers.ts';

/** For how long new sequences are begun; MODEL_SECONDS says another time, MODEL_SEED which sequences. */
const SECONDS = Number(process.env['MODEL_SECONDS'] ?? 12);
const SEED = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31);
type Command = fc.AsyncCommand<Model, Model>;

/** A command on the host itself: what is expected and what is there are one, for the host knows best. */
function command(
  name: string,
  check: (model: Model) => boolean,
  run: (model: Model) => Promise<void> | void,
): Command {
  return {
    check,
    run: async (model) => {
      commands++;
      await model.step(() => run(model));
    },
    toString: () => name,
  };
}

/** How long it may take until a failure is as short as it gets. */
const SHRINKING_MS = 1_800_000;

let commands = 0;

const begin = (name: Name, what: Wish['nic'] | 'teardown'): Command =>
  command(
    what === 'teardown' ? `${name} tears down` : `${name} applies, which changes the NIC ${what}`,
    (model) => model.running(name) === undefined,
    async (model) => {
      const isLocked = model.allRunning.some(({ followsOrphan }) => !followsOrphan);
      const invocation = model.begin(name, what);
      // Who lives and holds the lock is not disturbed.
      if (!isLocked || model.host.read('etc/cut-off') !== '') return;
      await invocation.ended;
      if (!invocation.wasRefused) throw new Error(`${name} was not refused`);
    },
  );

const ofRunning = (what: string, act: (invocation: Invocation) => Promise<void> | void) =>
  CONTROLLERS.map((name) =>
    command(
      `${name} ${what}`,
      (model) => model.running(name) !== undefined,
      async (model) => {
        const invocation = model.running(name);
        if (invocation !== undefined) await act(invocation);
      },
    ),
  );

const sequences = fc.commands(
  [
    ...CONTROLLERS.flatMap((name) =>
      (['not at all', 'well', 'so that nobody gets in any more', 'teardown'] as const).map((what) =>
        begin(name, what),
      ),
    ),
    ...Array.from({ length: 4 }, () =>
      command(
        'the host goes on',
        ({ host }) => isHeld(host),
        (model) => model.letGo(),
      ),
    ),
    ...ofRunning('is killed', (invocation) => invocation.kill()),
    ...ofRunning('loses the connection', (invocation) => {
      invocation.loseConnection();
    }),
    ...ofRunning('is interrupted', (invocation) => {
      invocation.interrupt();
    }),
    ...Array.from({ length: 2 }, () =>
      command(
        'the host is rebooted',
        () => true,
        async ({ host, allRunning }) => {
          for (const invocation of allRunning) invocation.forgetWhatItWaitsFor();
          await host.reboot();
          if (host.pendingChanges.length > 0)
            throw new Error('a change is still pending after a boot');
        },
      ),
    ),
    command(
      'somebody edits the page',
      () => true,
      ({ host }) => {
        writeFileSync(host.at('etc/page'), 'edited by hand');
      },
    ),
  ].map((one) => fc.constant(one)),
  { maxCommands: 10, size: '+1' },
);

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a host, two controllers, and whatever may come between them', () => {
  test(
    'one writes at a time, what was before is noted first, and a change of the NIC stays only when confirmed',
    async () => {
      const end = performance.now() + SECONDS * 1000;
      let isShrinking = false;
      let done = 0;
      const property = fc.asyncProperty(sequences, async (sequence) => {
        // A sequence that failed is made as short as it gets, however long that takes.
        if (performance.now() > end && done > 0 && !isShrinking) return;
        const model = new Model();
        try {
          await fc.asyncModelRun(() => ({ model, real: model }), sequence);
          await model.finish();
          done++;
        } catch (error) {
          isShrinking = true;
          throw error;
        } finally {
          await Promise.all(model.allRunning.map((invocation) => invocation.kill()));
          await model.host.remove();
        }
      });
      await fc.assert(property, { seed: SEED, numRuns: 1000 });
      process.stderr.write(
        `model: ${done} sequences with ${commands} commands, MODEL_SEED=${SEED}\n`,
      );
      expect(done).toBeGreaterThan(0);
    },
    SHRINKING_MS,
  );
});
