import { type LabIdentity } from '../../../embedded/embedded-lab.ts';
import { type Connection } from '../../../engine/model/connection.ts';
import { serviceTitle } from '../../../ipvs/virtual-service.ts';
import { type NicCapture } from '../../../trace/capture/capture.ts';
import { type BeginCaptures } from '../../../trace/trace-request.ts';
import { type LabUnderTest } from '../../../verify/lab-under-test.ts';
import { EXIT } from '../../exit-codes.ts';
import { type FlagGroups, type LabFlags } from '../../flags.ts';
import { embeddedLabOf } from '../../session/embedded-lab-of.ts';
import { type DescribedLab, describeAskedLab } from '../../session/hosts/open-lab.ts';
import { provideTools } from '../../session/provide-tools.ts';
import { confirm } from '../../terminal/ask.ts';
import { type Screen, withScreen } from '../../terminal/screen.ts';
import { testEachService } from './verify.ts';

/** What `lvslab trace` takes beside the lab. */
export interface TraceFlags {
  /** Install tcpdump on hosts that lack it, and remove it afterwards, without asking. */
  readonly install?: boolean;
  /** A folder for what was captured. */
  readonly write?: string;
}

/** `lvslab trace`: shows one request on every wire. */
export async function trace(
  flags: LabFlags & Pick<FlagGroups, 'output'> & TraceFlags,
): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    const described = await describeAskedLab(flags, screen);
    return await traceDescribed(described, screen, {
      ...flags,
      brief: false,
      all: flags.output.verbose === true,
      mayAsk: flags.output.json !== true && process.stdin.isTTY && process.stdout.isTTY,
    });
  });
}

interface TraceOptions extends TraceFlags {
  readonly brief: boolean;
  readonly all: boolean;
  /** Whether there is a person to ask. */
  readonly mayAsk: boolean;
}

/** Traces a request to each service of a lab; resolves to an exit status. */
export async function traceDescribed(
  described: DescribedLab,
  screen: Screen,
  options: TraceOptions,
): Promise<number> {
  const embedded = await embeddedLabOf(described.inventory);
  const tool = new BorrowedTool(described, screen, options);
  return await tool.whileBorrowed(() =>
    testEachService(described, screen, async (test) => {
      if (test.service.protocol !== 'tcp') {
        screen.reporter.say(
          `${test.service.protocol} ${serviceTitle(test.service)} is passed over: only TCP is traced.`,
        );
        return EXIT.ok;
      }
      const begin = await capturesFor(test, { embedded, tool, screen });
      return await traceService(test, begin, { screen, options });
    }),
  );
}

async function capturesFor(
  test: LabUnderTest,
  {
    embedded,
    tool,
    screen,
  }: {
    readonly embedded: LabIdentity | undefined;
    readonly tool: BorrowedTool;
    readonly screen: Screen;
  },
): Promise<BeginCaptures> {
  const { cableCaptures, ownCaptures } = await import('../../trace/trace-captures.ts');
  if (embedded !== undefined) {
    const { missingTools } = await import('../../../embedded/machine/system-packages.ts');
    const { traceTools } = await import('../../../embedded/machine/system-tools.ts');
    await provideTools(missingTools(traceTools), screen);
    return cableCaptures(embedded);
  }
  const hosts = [test.client, test.directorHost, ...test.realServers.values()];
  await tool.provideOn(hosts);
  return ownCaptures(hosts);
}

async function traceService(
  test: LabUnderTest,
  begin: BeginCaptures,
  { screen, options }: { readonly screen: Screen; readonly options: TraceOptions },
): Promise<number> {
  const [{ traceRequest }, { traceTables }] = await Promise.all([
    import('../../../trace/trace-request.ts'),
    import('../../../trace/trace-tables.ts'),
  ]);
  const { report, captures } = await traceRequest(test, begin);
  for (const table of traceTables(report, options)) await screen.reporter.table(table);
  await keepCaptures(captures, options, screen);
  return report.verdict === 'ok' ? EXIT.ok : EXIT.failed;
}

async function keepCaptures(
  captures: readonly NicCapture[],
  { write }: TraceOptions,
  { reporter }: Screen,
): Promise<void> {
  if (write === undefined) return;
  const { writeCaptures } = await import('../../trace/write-captures.ts');
  const files = await writeCaptures(write, captures);
  reporter.say(`Written for Wireshark: ${files.join(', ')}`);
}

/** tcpdump on hosts that had none: brought once the person agrees, and removed at the end. */
class BorrowedTool {
  readonly #described: DescribedLab;
  readonly #screen: Screen;
  readonly #options: TraceOptions;
  #borrowedBy: readonly string[] = [];
  #isSettled = false;

  constructor(described: DescribedLab, screen: Screen, options: TraceOptions) {
    this.#described = described;
    this.#screen = screen;
    this.#options = options;
  }

  async provideOn(connections: readonly Connection[]): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { hostsWithoutTcpdump, installTcpdump } = await import('../../trace/trace-tool.ts');
    const { signal } = this.#screen;
    const lacking = await hostsWithoutTcpdump(connections, signal);
    // This machine, where it is the client, is no host of the inventory: a play can't reach it.
    const hosts = lacking.filter((host) => this.#described.inventory.hosts.has(host));
    if (hosts.length === 0 || !(await this.#isAgreed(hosts))) return;
    // Before it is begun: what an interruption leaves half done is removed as well.
    this.#borrowedBy = hosts;
    await installTcpdump(this.#described, hosts, this.#screen);
  }

  /** Takes away what was brought, however the work ends; resolves to the worse exit status of the two. */
  async whileBorrowed(work: () => Promise<number>): Promise<number> {
    try {
      const status = await work();
      return Math.max(status, await this.#giveBack());
    } catch (error) {
      await this.#giveBack();
      throw error;
    }
  }

  async #giveBack(): Promise<number> {
    if (this.#borrowedBy.length === 0) return EXIT.ok;
    const { removeTcpdump } = await import('../../trace/trace-tool.ts');
    return await removeTcpdump(this.#described, this.#borrowedBy, this.#screen);
  }

  async #isAgreed(hosts: readonly string[]): Promise<boolean> {
    const { install, mayAsk } = this.#options;
    if (install === true || !mayAsk) return install === true;
    const question = `Install tcpdump on ${hosts.join(', ')} for this trace, and remove it afterwards?`;
    return await this.#screen.reporter.ask(() => confirm(question, this.#screen.signal));
  }
}
