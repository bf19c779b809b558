import { type Connection } from '../../../engine/model/connection.ts';
import { type EngineEvent } from '../../../engine/model/events.ts';
import { CancelledError, LvslabError } from '../../../engine/model/failures/errors.ts';
import { endpoint, type VirtualService } from '../../../ipvs/virtual-service.ts';
import { type Probe } from '../../../verify/probe/start-probe.ts';
import { type Screen } from '../../terminal/screen.ts';
import { connect, connectLocally } from './connect.ts';
import { randomWord } from '../engine-context.ts';
import { type DescribedLab } from './open-lab.ts';

/** A probe of a service, and how it is told. */
export interface OpenProbe {
  readonly probe: Probe;
  /** Ends the traffic; what became of it can be shown from then on. Never throws. */
  end(): Promise<void>;
  show(): Promise<void>;
}

/** Where a probe's requests come from, and where they go. */
interface ProbedLab {
  readonly client: Pick<Connection, 'host'>;
  readonly service: VirtualService;
}

/**
 * Begins traffic that goes on meanwhile, over a connection of its own to the client. Where that can't be done, it is said, and
 * the command goes on without it: undefined.
 * @throws CancelledError
 */
export async function openProbe(
  { client, service }: ProbedLab,
  {
    connect: connectTo,
    screen,
    renews,
  }: {
    readonly connect: (host: string) => Promise<Connection>;
    readonly screen: Screen;
    readonly renews: boolean;
  },
): Promise<OpenProbe | undefined> {
  const { startProbe } = await import('../../../verify/probe/start-probe.ts');
  const { reporter, reporting, signal } = screen;
  const { now } = reporting;
  let connection: Connection | undefined;
  try {
    connection = await connectTo(client.host);
    const options = { service, now, nonce: randomWord, renews, signal };
    const probe = await startProbe(connection, options);
    return shownProbe(probe, { client, service }, { connection, screen });
  } catch (error) {
    await connection?.close();
    if (!(error instanceof LvslabError) || error instanceof CancelledError) throw error;
    reporter.say(`No traffic goes on meanwhile: ${client.host}: ${error.message}.`);
    return undefined;
  }
}

function shownProbe(
  probe: Probe,
  { client, service }: ProbedLab,
  { connection, screen }: { readonly connection: Connection; readonly screen: Screen },
): OpenProbe {
  let stopped: ReturnType<Probe['stop']> | undefined;
  const end = async (): Promise<void> => {
    stopped ??= probe.stop();
    await stopped;
    await connection.close();
  };
  return {
    probe,
    end,
    show: async () => {
      stopped ??= probe.stop();
      const { report, error } = await stopped;
      const { probeTables } = await import('../../../verify/probe/probe-tables.ts');
      const names = { client: client.host, service: endpoint(service) };
      for (const table of probeTables(report, names)) await screen.reporter.table(table);
      if (error !== undefined) screen.reporter.say(`${client.host}: ${error.message}`);
    },
  };
}

/** Does something while a lab is asked all the time, and shows what became of the traffic; resolves to what the work does. */
export async function whileProbed(
  { inventory, lab, access }: DescribedLab,
  screen: Screen,
  work: (screen: Screen) => Promise<number>,
): Promise<number> {
  const client = { host: lab.clients[0]?.name ?? 'this machine' };
  const service = lab.services.find(({ protocol }) => protocol === 'tcp');
  if (service === undefined) return await work(screen);
  const connectTo = async (name: string): Promise<Connection> => {
    const host = inventory.hosts.get(name);
    return host === undefined ? await connectLocally(name) : await connect(host, access, screen);
  };
  const opened = await openProbe({ client, service }, { connect: connectTo, screen, renews: true });
  if (opened === undefined) return await work(screen);
  try {
    return await work(markingScreen(screen, opened.probe));
  } finally {
    await opened.end();
    await opened.show();
  }
}

/** The same screen, which tells the probe what is done. */
function markingScreen(screen: Screen, probe: Probe): Screen {
  return {
    ...screen,
    emit: (event) => {
      const what = markOf(event);
      if (what !== undefined) probe.mark(what);
      screen.emit(event);
    },
  };
}

function markOf(event: EngineEvent): string | undefined {
  if (event.type === 'step-started') return `${event.host}: ${event.step}`;
  return event.type === 'proving' ? `${event.host}: proving` : undefined;
}
