import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultMode, type LabMode, labModes } from '../../../src/embedded/lab/lab-modes.ts';
import { faults } from '../../../src/faults/faults.ts';
import { expectExit, lvslab } from '../../support/lvslab.ts';
import { faultPairs } from './fault-pairs.ts';
import { LabProgram } from './lab-program.ts';

/*
 * Every fault is made on the embedded lab, diagnosed, and undone; so are pairs of them, and labs that are healthy and look
 * unusual. DIAGNOSE_PART=2/3 does the second third of the faults and of the healthy labs, DIAGNOSE_ONLY those whose id it
 * matches, DIAGNOSE_PAIRS says how many pairs (40), DIAGNOSE_SEED which ones, DIAGNOSE_LAB another lab than lvdiag,
 * DIAGNOSE_FLAVOUR another flavour than debian, DIAGNOSE_MODE=dr a lab of LVS-DR, and tun one of
 * LVS-TUN, which takes hours where its hosts are emulated.
 */

const MINUTE = 60_000;
const name = process.env['DIAGNOSE_LAB'] ?? 'lvdiag';
const flavour = process.env['DIAGNOSE_FLAVOUR'] ?? 'debian';
const seed = Number(process.env['DIAGNOSE_SEED'] ?? Date.now() % 100_000);
const [part = 1, parts = 1] = (process.env['DIAGNOSE_PART'] ?? '1/1').split('/').map(Number);
const mode = modeNamed(process.env['DIAGNOSE_MODE'] ?? defaultMode);
const pairs = faultPairs(seed, mode).slice(0, Number(process.env['DIAGNOSE_PAIRS'] ?? 40));
/** What is done by turns. */
const ofPart = <T>(all: readonly T[]): readonly T[] => all.filter((_, i) => i % parts === part - 1);
const only = new RegExp(process.env['DIAGNOSE_ONLY'] ?? '');
const chosen = ofPart(faults.filter(({ modes }) => modes.includes(mode))).filter(({ id }) =>
  only.test(id),
);

/** Labs that are as their inventory says, and not as the tutorial's: the variables that make them so. */
interface HealthyLab {
  readonly title: string;
  readonly variables: readonly string[];
  /** A server is at rest, and somebody else asks all the time. */
  readonly isBusy?: true;
}

const healthy: readonly HealthyLab[] = [
  { title: 'round robin', variables: ['-e', 'lvs_scheduler=rr'] },
  { title: 'least connections', variables: ['-e', 'lvs_scheduler=wlc'] },
  { title: 'source hashing', variables: ['-e', 'lvs_scheduler=sh'] },
  { title: 'persistence', variables: ['-e', '{"lvs_services": [{"persistence": 300}]}'] },
  {
    title: 'a server at rest, and a client that is busy meanwhile',
    variables: [],
    isBusy: true,
  },
];

function modeNamed(asked: string): LabMode {
  const found = labModes.find((one) => one === asked);
  if (found === undefined) throw new RangeError(`DIAGNOSE_MODE is one of ${labModes.join(', ')}`);
  return found;
}

function note(text: string): void {
  process.stdout.write(`${text}\n`);
}

const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-diagnose-'));
const inventory = path.join(folder, 'lab.yml');
const program = new LabProgram(inventory);
const count = { made: 0, named: 0, wrong: 0, healthy: 0, alarms: 0, pairs: 0, pairsNamed: 0 };

beforeAll(async () => {
  note(`seed ${seed}, ${mode}, ${chosen.length} faults, ${pairs.length} pairs`);
  expectExit(await lvslab('lab', 'up', '-n', name, '--flavour', flavour, '--mode', mode), 0);
  const { stdout } = await lvslab('lab', 'inventory', '-n', name);
  writeFileSync(inventory, stdout);
  await program.run('apply', '--yes');
}, 30 * MINUTE);

afterAll(async () => {
  const { made, named, wrong, alarms } = count;
  note(
    `diagnose: ${named} of ${made} named, ${wrong} wrong, ${alarms} false alarms on ${count.healthy} healthy labs`,
  );
  note(`pairs: both named of ${count.pairsNamed} of ${count.pairs}`);
  expectExit(await lvslab('lab', 'down', '-n', name), 0);
  rmSync(folder, { recursive: true });
}, 10 * MINUTE);

/** Requests of somebody else, for half a minute. */
const BUSY =
  'end=$(($(date +%s) + 30)); while [ "$(date +%s)" -lt "$end" ]; do curl -s -m 2 -o /dev/null http://192.168.4.133/; done';

/** Makes the lab as its inventory says, and has it diagnosed: nothing may be called wrong. */
async function expectHealthy(lab: LabProgram, ...variables: readonly string[]): Promise<void> {
  await lab.run('apply', '--yes', ...variables);
  const { exitCode, output } = await lab.diagnose(...variables);
  count.healthy += 1;
  if (exitCode !== 0) count.alarms += 1;
  note(`healthy ${variables.join(' ')}: ${exitCode === 0 ? 'nothing' : 'a false alarm'}`);
  expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
}

/** Breaks the lab, diagnoses it and mends it, whatever came of it. */
async function namedOf(ids: readonly string[]) {
  try {
    for (const id of ids) await program.run('break', id, '--yes');
    return await program.diagnose();
  } finally {
    await program.run('mend', '--yes');
  }
}

describe('healthy labs', () => {
  // A lab that was just made is looked at each time, whichever part this is.
  test("the tutorial's", async () => expectHealthy(program), 10 * MINUTE);

  if (only.source === '(?:)') {
    test.each(ofPart(healthy))(
      '$title',
      async ({ variables, isBusy = false }) => {
        if (!isBusy) {
          await expectHealthy(program, ...variables);
          return;
        }
        const { stdout } = await lvslab('lab', 'inventory', '-n', name);
        const resting = path.join(folder, 'resting.yml');
        writeFileSync(resting, stdout.replace('lvs_weight: 2', 'lvs_weight: 0'));
        const busy = lvslab('lab', 'ssh', '-n', name, 'client', BUSY);
        await expectHealthy(new LabProgram(resting));
        await busy;
      },
      10 * MINUTE,
    );

    test("and the tutorial's again", async () => expectHealthy(program), 10 * MINUTE);
  }
});

// None, where DIAGNOSE_ONLY leaves the pairs alone.
const eachFault = (): void => {
  test.each(chosen)(
    '$id, $title',
    async ({ id }) => {
      const { ids, output } = await namedOf([id]);
      count.made += 1;
      if (ids.includes(id)) count.named += 1;
      if (ids.some((other) => other !== id)) count.wrong += 1;
      note(`${id}: ${ids.join(' ') || 'nothing'}`);
      expect({ ids, output: ids.join() === id ? '' : output }).toEqual({ ids: [id], output: '' });
    },
    10 * MINUTE,
  );
};
if (chosen.length > 0) describe('each fault', eachFault);

describe('two faults at once', () => {
  test.each(pairs)(
    '%s and %s',
    async (one, other) => {
      const { ids, output } = await namedOf([one, other]);
      const isNamed = ids.includes(one) && ids.includes(other);
      count.pairs += 1;
      if (isNamed) count.pairsNamed += 1;
      note(`${one} and ${other}: ${ids.join(' ') || 'nothing'}`);
      expect({ isNamed, output: isNamed ? '' : output }).toEqual({ isNamed: true, output: '' });
    },
    10 * MINUTE,
  );
});

test(
  'mended, it is healthy',
  async () => {
    const { exitCode, output } = await program.diagnose();
    expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
  },
  10 * MINUTE,
);
