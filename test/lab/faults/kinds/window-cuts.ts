import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Flavour, flavours } from '../../../../src/embedded/images/recipes/image-recipe.ts';
import { networkCases } from '../../networks/all-cases.ts';
import { Cell } from '../../networks/cell.ts';
import {
  expectAsBefore,
  expectExitCode,
  look,
  rootFiles,
  run,
  writeFiles,
} from '../../networks/cell-run.ts';
import { type NetworkCase, otherGateway } from '../../networks/network-case.ts';
import { type PrintedEvent } from '../course/watched-run.ts';

const MINUTE = 60_000;

/** When the power is cut, counted from an event of the run: with it lvslab is killed, so that nobody confirms the change. */
const moments = [
  { moment: '50 ms into the change', type: 'step-started', afterMs: 50 },
  { moment: '500 ms into the change', type: 'step-started', afterMs: 500 },
  { moment: '1500 ms into the change', type: 'step-started', afterMs: 1500 },
  { moment: 'while it waits for a confirmation', type: 'step-confirming', afterMs: 1000 },
] as const;

/** Whose networks hosts are tried on that have the same who configures them. */
const alike: Partial<Record<Flavour, Flavour>> = { debian13: 'debian', el9: 'debian-nm' };

const only = process.env['FAULTS_FLAVOUR'];

/**
 * Makes the tests that the power is cut inside the guarded window of a change of the network, whoever runs it: the next boot
 * brings what was there before, to the byte. At the end it says how many of them were borne.
 */
export function windowCutTests(): void {
  const total = { faults: 0, passed: 0 };

  afterAll(() => {
    process.stderr.write(`power cuts inside the window: ${total.passed} of ${total.faults}\n`);
  });

  describe.each(flavours.filter((flavour) => (only ?? flavour) === flavour))(
    'a power cut inside the guarded window on %s',
    (flavour) => {
      let cell: Cell | undefined;

      beforeAll(async () => {
        cell = await Cell.open(`lvw${flavour.slice(0, 1)}${flavour.slice(-2)}`, flavour);
      }, 30 * MINUTE);

      afterAll(async () => {
        await cell?.close();
      }, 5 * MINUTE);

      test.each(moments)(
        '$moment',
        async ({ type, afterMs }) => {
          expect(cell).toBeDefined();
          if (cell === undefined) return;
          total.faults += 1;
          await cutIn(
            cell,
            ({ type: found, step = '' }) => {
              return found === type && step.startsWith('network interface');
            },
            afterMs,
          );
          total.passed += 1;
        },
        10 * MINUTE,
      );
    },
  );
}

async function cutIn(
  cell: Cell,
  fits: (event: PrintedEvent) => boolean,
  afterMs: number,
): Promise<void> {
  const one = caseOf(cell.flavour);
  await cell.boot(rootFiles(one.files));
  const before = await look(cell);
  const files = writeFiles(cell, one);
  let cut: Promise<void> | undefined;
  const tried = await run(files, ['apply', '--yes', '--confirm-within', '60'], {
    onEvent: (event, kill) => {
      if (cut !== undefined || !fits(event)) return;
      kill();
      cut = sleep(afterMs).then(() => offAndOn(cell));
      cut.catch(() => undefined);
    },
  });
  if (cut === undefined) throw new Error(`the moment never came: ${tried.stderr}`);
  await cut;
  await expectAsBefore(cell, before);
  expectExitCode(await run(files, ['teardown', '--yes', '--confirm-within', '30']));
  await expectAsBefore(cell, before);
  await cell.reboot();
  await expectAsBefore(cell, before);
}

async function offAndOn(cell: Cell): Promise<void> {
  await cell.powerCut();
  await cell.start();
}

/** A network of the flavour with much in it that must come back. */
function caseOf(flavour: Flavour): NetworkCase {
  const one = networkCases.find(
    (other) =>
      other.flavour === (alike[flavour] ?? flavour) && /comments|hooks|IPADDR1/.test(other.name),
  );
  if (one === undefined) throw new Error(`no network of ${flavour}`);
  return { ...one, settings: [otherGateway] };
}
