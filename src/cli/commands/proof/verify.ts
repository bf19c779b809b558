import { type Connection } from '../../../engine/model/connection.ts';
import { type ControlsReport } from '../../../verify/controls/run-controls.ts';
import { type VerifyReport } from '../../../verify/report.ts';
import { type LabUnderTest } from '../../../verify/lab-under-test.ts';
import { labOfService } from '../../../lab/lab-of-service.ts';
import { connect, connectLocally } from '../../session/hosts/connect.ts';
import { randomWord } from '../../session/engine-context.ts';
import { EXIT } from '../../exit-codes.ts';
import { type FlagGroups, type LabFlags } from '../../flags.ts';
import { nameCauses } from '../../session/name-causes.ts';
import { openAll } from '../../session/hosts/open-all.ts';
import { type DescribedLab, describeLab } from '../../session/hosts/open-lab.ts';
import { type Screen, withScreen } from '../../terminal/screen.ts';

/** What `lvslab verify` takes beside the lab. */
export interface VerifyFlags {
  readonly requests: number;
  readonly restart: boolean;
  /** Also show of each check that it can fail. */
  readonly controls?: boolean;
}

/** `lvslab verify`: proves by real traffic that the director balances as it should. */
export async function verify(
  flags: LabFlags & Pick<FlagGroups, 'output'> & VerifyFlags,
): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    return await verifyDescribed(await describeLab(flags, screen), screen, flags);
  });
}

/** Verifies a lab; resolves to an exit status. */
export async function verifyDescribed(
  described: DescribedLab,
  screen: Screen,
  {
    requests,
    restart,
    controls,
    onReport,
  }: VerifyFlags & {
    /** Called with what was found of each service, and of its controls where they were tried. */
    readonly onReport?: (report: VerifyReport, controls?: ControlsReport) => void;
  },
): Promise<number> {
  const [{ verifyLab }, { controlsTable, verifyTables }, { runControls }] = await Promise.all([
    import('../../../verify/verify-lab.ts'),
    import('../../../verify/tables.ts'),
    import('../../../verify/controls/run-controls.ts'),
  ]);
  return await testEachService(described, screen, async (test) => {
    const report = await verifyLab(test, { requests, restart });
    for (const table of verifyTables(report)) await screen.reporter.table(table);
    // In a lab that isn't whole nothing could be learned from taking more away.
    const shown =
      controls === true && report.verdict === 'ok' ? await runControls(test, report) : undefined;
    if (shown !== undefined) await screen.reporter.table(controlsTable(shown));
    onReport?.(report, shown);
    if (report.verdict !== 'ok') await nameCauses(test, screen);
    return report.verdict === 'ok' && shown?.verdict !== 'failed' ? EXIT.ok : EXIT.failed;
  });
}

/**
 * Connects to all that a test of a lab needs, tests each service on each director, and ends the connections afterwards;
 * without one of them, what is wrong with each host is told and nothing is tested. Resolves to the worst exit status.
 */
export async function testEachService(
  { inventory, lab, access }: DescribedLab,
  screen: Screen,
  work: (test: LabUnderTest, reconnect: (host: string) => Promise<Connection>) => Promise<number>,
): Promise<number> {
  const connectTo = async (name: string, signal: AbortSignal): Promise<Connection> => {
    const host = inventory.hosts.get(name);
    return host === undefined
      ? await connectLocally(name)
      : await connect(host, access, { ...screen, signal });
  };
  const client = lab.clients[0]?.name ?? 'this machine';
  const servers = lab.realServers.map(({ name }) => name);
  const directors = lab.directors.map(({ name }) => name);
  const opened = await openAll([client, ...directors, ...servers], connectTo, screen.signal);
  if ('failures' in opened) {
    for (const failure of opened.failures)
      screen.reporter.event({ type: 'host-failed', ...failure });
    return EXIT.failed;
  }
  const { connections } = opened;
  const later: Connection[] = [];
  try {
    const reconnect = async (name: string): Promise<Connection> => {
      const connection = await connectTo(name, screen.signal);
      later.push(connection);
      return connection;
    };
    const common = {
      client: connectionOf(client, connections),
      realServers: new Map(servers.map((name) => [name, connectionOf(name, connections)])),
      ...screen.reporting,
      nonce: randomWord,
      signal: screen.signal,
    };
    const statuses: number[] = [];
    for (const director of lab.directors) {
      const directorHost = connectionOf(director.name, connections);
      for (const service of lab.services)
        statuses.push(
          await work(
            {
              ...common,
              lab: labOfService(lab, service),
              ...{ director, directorHost, service },
            },
            reconnect,
          ),
        );
    }
    return Math.max(EXIT.ok, ...statuses);
  } finally {
    const all = [...connections.values(), ...later];
    await Promise.allSettled(all.map((connection) => connection.close()));
  }
}

function connectionOf(name: string, connections: ReadonlyMap<string, Connection>): Connection {
  const connection = connections.get(name);
  if (connection === undefined) throw new TypeError(`no connection to ${name}`);
  return connection;
}
