import { type Connection } from '../../../src/engine/model/connection.ts';
import { trusted } from '../../../src/engine/model/shell/script.ts';
import { type ConnectionSettings } from '../../../src/transport/settings/connection-settings.ts';
import { openConnection, type OpenOptions } from '../../../src/transport/open-connection.ts';
import { type TestSshd } from './sshd.ts';

export type Given = Partial<ConnectionSettings> & OpenOptions;

/** Connects to the test's own sshd as root, with the key it made, save what is given otherwise. */
export function connectTo(
  sshd: TestSshd,
  { commonArgs = '', ...given }: Given = {},
): Promise<Connection> {
  return openConnection(
    {
      host: 'rs1',
      address: '127.0.0.1',
      port: sshd.port,
      user: 'root',
      privateKeyFile: sshd.keyFile,
      become: false,
      home: sshd.folder,
      ...given,
      // The first of two options counts: those of a test go before the usual ones.
      commonArgs: `${commonArgs} ${sshd.sshArgs}`,
    },
    given,
  );
}

/** Connects, asks who it is there, and closes. */
export async function visit(sshd: TestSshd, given?: Given): Promise<string> {
  const connection = await connectTo(sshd, given);
  try {
    const { stdout } = await connection.run(trusted('id -un'));
    return stdout.trim();
  } finally {
    await connection.close();
  }
}
