import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import ssh2, {
  type AuthContext,
  type Connection as Client,
  type ServerChannel,
  type Session,
} from 'ssh2';

import { type Connection } from '../../../src/engine/model/connection.ts';
import { type ConnectionSettings } from '../../../src/transport/settings/connection-settings.ts';
import { openConnection, type OpenOptions } from '../../../src/transport/open-connection.ts';
import { hostKeyPair } from '../ssh/host-key-pair.ts';

/** A program that somebody wants to run on the evil host. */
export interface Exec {
  readonly command: string;
  /** The word that no output can contain by chance, read out of the command. */
  readonly nonce: string;
  readonly accept: () => ServerChannel;
  readonly reject: () => void;
}

/** An SSH server in this process that does what a test says. */
export interface EvilHost {
  readonly port: number;
  readonly folder: string;
  /** How it answers; may be changed at any time. Every login is let in, and nothing runs, unless told. */
  behaviour: {
    authenticate: (context: AuthContext) => void;
    exec: (exec: Exec) => void;
    session: (session: Session) => void;
  };
  /** What came on the standard input of all its programs. */
  readonly received: () => string;
  /** Connections that are open. */
  readonly clients: ReadonlySet<Client>;
  /** Shows another host key from now on. */
  changeKey: () => Promise<void>;
  connect: (given?: Partial<ConnectionSettings> & OpenOptions) => Promise<Connection>;
  stop: () => Promise<void>;
}

/** Its key is known, in the file `known_hosts` of its folder. */
export async function startEvilHost(): Promise<EvilHost> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-evil-'));
  const clients = new Set<Client>();
  let received = '';
  const behaviour: EvilHost['behaviour'] = {
    authenticate: (context) => {
      context.accept();
    },
    exec: ({ reject }) => {
      reject();
    },
    session: () => undefined,
  };
  const onClient = (client: Client): void => {
    clients.add(client);
    client.on('error', () => undefined);
    client.on('close', () => clients.delete(client));
    client.on('authentication', (context) => {
      behaviour.authenticate(context);
    });
    client.on('session', (acceptSession) => {
      const session = acceptSession();
      behaviour.session(session);
      session.on('exec', (accept, reject, { command }) => {
        const [nonce = ''] = /lvslab-[0-9a-f]{24}/.exec(command) ?? [];
        behaviour.exec({
          command,
          nonce,
          reject,
          accept: () => {
            const channel = accept();
            channel.on('error', () => undefined);
            channel.on('data', (chunk: Buffer) => (received += chunk.toString()));
            return channel;
          },
        });
      });
    });
  };
  let { server, line } = newServer(onClient);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { readonly port: number };
  await writeFile(path.join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${line}\n`);
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const client of clients) client.end();
    await closed;
  };
  return {
    port,
    folder,
    behaviour,
    received: () => received,
    clients,
    changeKey: async () => {
      await close();
      ({ server, line } = newServer(onClient));
      await new Promise<void>((resolve) => {
        server.listen(port, '127.0.0.1', resolve);
      });
    },
    connect: ({ commonArgs = '', ...given } = {}) =>
      openConnection(
        {
          host: 'rs1',
          address: '127.0.0.1',
          port,
          user: 'root',
          become: false,
          home: folder,
          ...given,
          commonArgs: `${commonArgs} -F /dev/null -o UserKnownHostsFile=${folder}/known_hosts -o GlobalKnownHostsFile=none -o IdentityAgent=none -o IdentityFile=none`,
        },
        given,
      ),
    stop: async () => {
      await close();
      await rm(folder, { recursive: true });
    },
  };
}

function newServer(onClient: (client: Client) => void): {
  server: InstanceType<typeof ssh2.Server>;
  line: string;
} {
  const pair = hostKeyPair();
  return { server: new ssh2.Server({ hostKeys: [pair.private] }, onClient), line: pair.public };
}
