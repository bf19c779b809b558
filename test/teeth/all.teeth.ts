import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CopiedSources, type TestEnd } from './copied-sources.ts';
import { devices } from './devices.ts';
import { mistakes } from './mistakes.ts';
import { type Sabotage } from './sabotage.ts';

/** A run of one test, on a machine that is busy. */
const A_RUN_MS = 600_000;
const sabotages = [...devices.flatMap(({ off }) => off), ...mistakes];
/** What has been noticed. */
const noticed = new Set<Sabotage>();
let sources: CopiedSources;
/** How the tests end on the sources as they are. */
let sound: ReadonlyMap<Sabotage, TestEnd>;

beforeAll(async () => {
  sources = new CopiedSources();
  const { ends, printed } = await sources.run(sabotages.map((sabotage) => sabotage.test));
  sound = new Map(sabotages.map((sabotage, i) => [sabotage, ends[i] ?? 'missing']));
  if (ends.some((end) => end !== 'passed')) process.stderr.write(printed);
}, 3 * A_RUN_MS);

afterAll(() => {
  sources.remove();
  const needed = devices.filter(({ off }) => off.every((sabotage) => noticed.has(sabotage)));
  const found = mistakes.filter((mistake) => noticed.has(mistake));
  process.stderr.write(`${needed.length} of ${devices.length} devices are needed\n`);
  process.stderr.write(`${found.length} of ${mistakes.length} mistakes are noticed\n`);
});

async function expectNoticed(sabotage: Sabotage): Promise<void> {
  expect(sound.get(sabotage)).toBe('passed');
  const { end, printed } = await sources.runWith(sabotage);
  if (end === 'missing') process.stderr.write(printed);
  expect(end).toBe('failed');
  noticed.add(sabotage);
}

describe.each(devices.map((device) => [device.device, device] as const))(
  'without this, a test fails: %s',
  (_name, { off }) => {
    test.each(off.map((sabotage) => [sabotage.what, sabotage] as const))(
      '%s',
      (_what, sabotage) => expectNoticed(sabotage),
      A_RUN_MS,
    );
  },
);

describe('with this mistake, a test fails:', () => {
  test.each(mistakes.map((mistake) => [mistake.what, mistake] as const))(
    '%s',
    (_what, mistake) => expectNoticed(mistake),
    A_RUN_MS,
  );
});
