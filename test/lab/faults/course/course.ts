import { type FaultFlavour } from '../hosts/fault-flavours.ts';
import { closeFaultLab, type FaultLab, openFaultLab } from '../hosts/fault-lab.ts';
import { type Case, type Place, type Scenario } from './scenario.ts';
import { type Job, runJobs } from './schedule.ts';
import { Site } from '../hosts/site.ts';
import { type FaultTable } from './tables.ts';

/** How one case ended. */
export interface Outcome {
  readonly moment: string;
  readonly faults: number;
  readonly seconds: number;
  readonly problem?: string;
}

type SiteName = 'director' | 'rs1' | 'rs2';

type Sites = Readonly<Record<SiteName, Site>>;

/** How the cases of each row end, when the real servers are at their last one, and when all is over. */
interface Outcomes {
  readonly of: ReadonlyMap<Scenario, Promise<readonly Outcome[]>>;
  readonly lastBegun: Promise<void>;
  readonly allDone: Promise<unknown>;
}

/** All faults of one flavour, from its lab's first boot to its end; cases run side by side as far as hosts allow. */
export class Course {
  readonly flavour: FaultFlavour;
  /** What is tried. */
  readonly rows: readonly Scenario[];
  readonly #isFast: boolean;
  readonly #labName: string;
  readonly #table: FaultTable;
  readonly #moments = new RegExp(process.env['FAULTS_MOMENT'] ?? '');
  #outcomes: Promise<Outcomes> | undefined;

  /** @param isFast only the cases that are part of the fast subset. */
  constructor(flavour: FaultFlavour, table: FaultTable, isFast: boolean) {
    const only = new RegExp(process.env['FAULTS_ONLY'] ?? '');
    this.flavour = flavour;
    this.#isFast = isFast;
    this.#table = table;
    // All suites may run at the same time.
    this.#labName = `${isFast ? 'lvq' : table.labPrefix}${flavour.slice(0, 3)}`;
    this.rows = table.rows.filter(
      ({ fault, flavours, isInFastSubset }) =>
        flavours.includes(flavour) && only.test(fault) && (isInFastSubset || !isFast),
    );
  }

  /** Begins once something else has come to its end; resolves when the real servers are at their last case. */
  async begin(after: Promise<void>): Promise<void> {
    this.#outcomes = after.then(async () => this.#tryAll(await this.#open()));
    // Whoever asks for an outcome learns why there is none.
    await this.#outcomes.then(({ lastBegun }) => lastBegun).catch(() => undefined);
  }

  async outcomesOf(row: Scenario): Promise<readonly Outcome[]> {
    const outcomes = await this.#outcomes;
    return (await outcomes?.of.get(row)) ?? [];
  }

  /** Waits for what is running, and takes the lab down. */
  async end(): Promise<void> {
    await this.#outcomes?.then(({ allDone }) => allDone).catch(() => undefined);
    await closeFaultLab(this.#labName);
  }

  async #open(): Promise<Sites> {
    const { mode, realServerPlaybook } = this.#table;
    const lab = await openFaultLab(this.#labName, this.flavour, mode);
    const sites = sitesOf(lab, realServerPlaybook);
    const isOnDirector = this.rows.some(({ place }) => place === 'director');
    if (!isOnDirector) await lab.host('director').powerCut();
    const needed = [sites.rs1, sites.rs2, ...(isOnDirector ? [sites.director] : [])];
    await Promise.all(needed.map((site) => site.makeReference()));
    return sites;
  }

  #tryAll(sites: Sites): Outcomes {
    const jobs: Record<'director' | 'servers', Job[]> = { director: [], servers: [] };
    const of = new Map<Scenario, Promise<readonly Outcome[]>>();
    for (const row of this.rows) {
      const cases = row
        .cases(row.place === 'director' ? sites.director : sites.rs1)
        .filter(({ fast }) => fast === true || !this.#isFast)
        .filter(({ moment }) => this.#moments.test(moment));
      const outcomes = cases.map(
        (one) =>
          new Promise<Outcome>((resolve) => {
            jobs[row.place === 'director' ? 'director' : 'servers'].push({
              needs: needsOf[row.place],
              run: async ([name = 'rs1', other = 'rs2']) => {
                resolve(await outcomeOf(one, sites[name as SiteName], sites[other as SiteName]));
              },
            });
          }),
      );
      of.set(row, Promise.all(outcomes));
    }
    const done = [runJobs(jobs.director, ['director'], () => undefined)];
    const lastBegun = new Promise<void>((resolve) => {
      done.push(runJobs(jobs.servers, ['rs1', 'rs2'], resolve));
    });
    return { of, lastBegun, allDone: Promise.all(done) };
  }
}

function sitesOf(lab: FaultLab, realServerPlaybook: string): Sites {
  const { whole, only } = lab.inventories;
  const server = (name: 'rs1' | 'rs2'): Site =>
    new Site({
      lab,
      host: lab.host(name),
      inventory: only[name],
      playbook: realServerPlaybook,
    });
  const director = new Site({
    lab,
    host: lab.host('director'),
    inventory: whole,
    playbook: 'playbooks/director.ts',
    // The real servers go through something else meanwhile.
    limit: 'director',
  });
  return { director, rs1: server('rs1'), rs2: server('rs2') };
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
    `${seconds.toFixed(1)} s on ${site.flavour} ${site.host.name}: ${moment}: ${problem ?? 'ok'}\n`,
  );
  return { moment, faults, seconds, ...(problem !== undefined && { problem }) };
}
