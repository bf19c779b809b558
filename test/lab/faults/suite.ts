import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Flavour } from '../../../src/embedded/images/image-recipe.ts';
import { closeFaultLab, type FaultLab, openFaultLab } from './fault-lab.ts';
import { type Case, type Place, type Scenario } from './scenario.ts';
import { type Job, runJobs } from './schedule.ts';
import { Site } from './site.ts';
import { scenarios } from './table.ts';

const MINUTE = 60_000;

/** How one case ended. */
interface Outcome {
  readonly moment: string;
  readonly faults: number;
  readonly seconds: number;
  readonly problem?: string;
}

type SiteName = 'director' | 'rs1' | 'rs2';

/** Makes the tests of these flavours, one lab after the other, and says at the end how many faults were borne. */
export function faultTests(
  flavours: readonly Flavour[],
  options: Pick<FlavourOptions, 'isFast' | 'title'>,
): void {
  const total = { faults: 0, passed: 0 };
  for (const flavour of flavours) testsOf(flavour, { ...options, total });

  afterAll(() => {
    process.stderr.write(`faults: ${total.passed} of ${total.faults}\n`);
  });
}

interface FlavourOptions {
  readonly title: string;
  /** Only the cases that are part of the fast subset. */
  readonly isFast: boolean;
  readonly total: { faults: number; passed: number };
}

/** One test for each scenario, with all of its cases; cases run side by side as far as hosts allow. */
function testsOf(flavour: Flavour, { title, isFast, total }: FlavourOptions): void {
  const only = new RegExp(process.env['FAULTS_ONLY'] ?? '');
  // Both suites may run at the same time.
  const name = `${isFast ? 'lvq' : 'lvf'}${flavour.slice(0, 3)}`;
  const rows = scenarios.filter(
    ({ fault, flavours, isInFastSubset }) =>
      flavours.includes(flavour) && only.test(fault) && (isInFastSubset || !isFast),
  );

  describe(`${title} on ${flavour}`, () => {
    const ends = new Map(rows.map((row) => [row, deferred()]));
    let running: Promise<void> = Promise.resolve();

    beforeAll(async () => {
      const lab = await openFaultLab(name, flavour);
      const sites = sitesOf(lab);
      const needed = namesNeeded(rows);
      if (!needed.includes('director')) await lab.host('director').powerCut();
      await Promise.all(needed.map((name) => sites[name].makeReference())).catch(
        (error: unknown) => {
          process.stderr.write(`${String(error)}\n`);
          throw error;
        },
      );
      running = runAll(rows, { sites, isFast, ends });
      running.catch(() => undefined);
    }, 10 * MINUTE);

    afterAll(async () => {
      await running;
      await closeFaultLab(name);
    }, 10 * MINUTE);

    test.each(rows.map((row) => [row.fault, row] as const))(
      '%s',
      async (_fault, row) => {
        const outcomes = (await ends.get(row)?.promise) ?? [];
        for (const { faults, problem } of outcomes) {
          total.faults += faults;
          if (problem === undefined) total.passed += faults;
        }
        process.stderr.write(`${flavour}: ${row.fault}: ${describeOutcomes(outcomes)}\n`);
        expect(outcomes).not.toEqual([]);
        expect(outcomes.filter(({ problem }) => problem !== undefined)).toEqual([]);
      },
      40 * MINUTE,
    );
  });
}

function describeOutcomes(outcomes: readonly Outcome[]): string {
  const seconds = outcomes.reduce((sum, one) => sum + one.seconds, 0);
  const faults = outcomes.reduce((sum, one) => sum + one.faults, 0);
  return `${faults} faults in ${Math.round(seconds)} s`;
}

function sitesOf(lab: FaultLab): Readonly<Record<SiteName, Site>> {
  const { whole, only } = lab.inventories;
  const server = (name: 'rs1' | 'rs2'): Site =>
    new Site({
      lab,
      host: lab.host(name),
      inventory: only[name],
      playbook: 'playbooks/real-servers.ts',
    });
  const director = new Site({
    lab,
    host: lab.host('director'),
    inventory: whole,
    playbook: 'playbooks/director.ts',
  });
  return { director, rs1: server('rs1'), rs2: server('rs2') };
}

function namesNeeded(rows: readonly Scenario[]): readonly SiteName[] {
  const isOnDirector = rows.some(({ place }) => place === 'director');
  return isOnDirector ? ['director', 'rs1', 'rs2'] : ['rs1', 'rs2'];
}

async function runAll(
  rows: readonly Scenario[],
  {
    sites,
    isFast,
    ends,
  }: {
    readonly sites: Readonly<Record<SiteName, Site>>;
    readonly isFast: boolean;
    readonly ends: ReadonlyMap<Scenario, Deferred>;
  },
): Promise<void> {
  const jobs = rows.flatMap((row): readonly Job[] => {
    const first = row.place === 'director' ? sites.director : sites.rs1;
    const cases = row.cases(first).filter(({ fast }) => fast === true || !isFast);
    const outcomes: Outcome[] = [];
    if (cases.length === 0) ends.get(row)?.resolve(outcomes);
    return cases.map((one) => ({
      needs: needsOf[row.place],
      run: async ([name = 'rs1', other = 'rs2']) => {
        outcomes.push(await outcomeOf(one, sites[name as SiteName], sites[other as SiteName]));
        if (outcomes.length === cases.length) ends.get(row)?.resolve(outcomes);
      },
    }));
  });
  await runJobs(jobs, ['director', 'rs1', 'rs2']);
}

const needsOf: Readonly<Record<Place, readonly (readonly SiteName[])[]>> = {
  director: [['director']],
  'real server': [['rs1'], ['rs2']],
  'real servers': [['rs1', 'rs2']],
};

async function outcomeOf(
  { moment, faults = 1, run }: Case,
  site: Site,
  other: Site,
): Promise<Outcome> {
  const began = performance.now();
  const problem = await run(site, other).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const seconds = (performance.now() - began) / 1000;
  process.stderr.write(
    `${seconds.toFixed(1)} s on ${site.host.name}: ${moment}: ${problem ?? 'ok'}\n`,
  );
  return { moment, faults, seconds, ...(problem !== undefined && { problem }) };
}

interface Deferred {
  readonly promise: Promise<readonly Outcome[]>;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
}

function deferred(): Deferred {
  let resolve: Deferred['resolve'] = () => undefined;
  const promise = new Promise<readonly Outcome[]>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
