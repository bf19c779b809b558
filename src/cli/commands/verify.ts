import { type Connection } from '../../engine/connection.ts';
import { type Lab } from '../../topology/lab.ts';
import { type LabUnderTest } from '../../verify/lab-under-test.ts';
import { connect, connectLocally } from '../connect.ts';
import { EXIT } from '../exit-codes.ts';
import { type InventoryFlags, type OutputFlags } from '../flags.ts';
import { type DescribedLab, describeLab } from '../open-lab.ts';
import { type Screen, withScreen } from '../screen.ts';

/** What `lvslab verify` takes beside the lab. */
export interface VerifyFlags {
  readonly requests: number;
  readonly restart: boolean;
}

/** `lvslab verify`: proves by real traffic that the director balances as it should. */
export async function verify(flags: InventoryFlags & OutputFlags & VerifyFlags): Promise<number> {
  return await withScreen(flags, async (screen) => {
    return await verifyDescribed(await describeLab(flags, screen), screen, flags);
  });
}

/** Verifies a lab; resolves to an exit status. */
export async function verifyDescribed(
  described: DescribedLab,
  screen: Screen,
  { requests, restart }: VerifyFlags,
): Promise<number> {
  const [{ verifyLab }, { verifyTables }] = await Promise.all([
    import('../../verify/verify-lab.ts'),
    import('../../verify/tables.ts'),
  ]);
  return await withLabUnderTest(described, screen, async (test) => {
    const report = await verifyLab(test, { requests, restart });
    for (const table of verifyTables(report)) await screen.reporter.table(table);
    return report.verdict === 'ok' ? EXIT.ok : EXIT.failed;
  });
}

/** Connects to all that a test of a lab needs, and ends the connections afterwards. */
export async function withLabUnderTest(
  { inventory, lab, access }: DescribedLab,
  screen: Screen,
  work: (test: LabUnderTest, reconnect: (host: string) => Promise<Connection>) => Promise<number>,
): Promise<number> {
  const open: Connection[] = [];
  const connectTo = async (name: string): Promise<Connection> => {
    const host = inventory.hosts.get(name);
    const connection =
      host === undefined ? await connectLocally(name) : await connect(host, access, screen);
    open.push(connection);
    return connection;
  };
  try {
    const connections = await connectAll(lab, connectTo);
    return await work(
      {
        lab,
        ...connections,
        ...screen.reporting,
        nonce: screen.surroundings.nonce,
        signal: screen.signal,
      },
      connectTo,
    );
  } finally {
    await Promise.allSettled(open.map((connection) => connection.close()));
  }
}

async function connectAll(
  lab: Lab,
  connectTo: (name: string) => Promise<Connection>,
): Promise<Pick<LabUnderTest, 'client' | 'director' | 'realServers'>> {
  const servers = lab.realServers.map(({ name }) => name);
  const [client, director, ...realServers] = await Promise.all([
    connectTo(lab.clients[0]?.name ?? 'this machine'),
    connectTo(lab.director.name),
    ...servers.map(connectTo),
  ]);
  return {
    client,
    director,
    realServers: new Map(realServers.map((connection) => [connection.host, connection])),
  };
}
