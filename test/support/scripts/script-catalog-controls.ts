import { type Connection } from '../../../src/engine/model/connection.ts';
import { modes } from '../../../src/lab/modes/modes.ts';
import { controlsOf } from '../../../src/verify/controls/control-list.ts';
import { runControls } from '../../../src/verify/controls/run-controls.ts';
import { sendDatagrams } from '../../../src/verify/readings/datagrams.ts';
import {
  readDatagramLogSize,
  readRealServer,
} from '../../../src/verify/readings/real-server-state.ts';
import { readTakenPorts } from '../../../src/verify/readings/taken-ports.ts';
import { type VerifyReport } from '../../../src/verify/report.ts';
import { sampleLab } from '../samples/sample-lab.ts';

const clientAddress = '192.168.4.132';
const context = { nonce: () => 'n0nce', signal: new AbortController().signal };

/** What a service over UDP is asked, and what is taken away on purpose to see a verification fail. */
export async function controlScripts(connection: Connection): Promise<void> {
  const [server] = sampleLab.realServers;
  const [director] = sampleLab.directors;
  const [service] = sampleLab.services;
  if (server === undefined || director === undefined || service === undefined) {
    throw new Error('the sample is empty');
  }
  const { address, port } = service;
  const order = { address, port, count: 2, nonce: 'n0nce', maxPageBytes: 1000 };
  await sendDatagrams(connection, order, context).catch(() => undefined);
  await readTakenPorts(connection, address, context);
  await readDatagramLogSize(connection, server, context);
  await readRealServer(connection, { server, marker: 'm', clientAddress, logSize: 7, ...context });
  for (const mode of modes) {
    const lab = { ...sampleLab, mode };
    const test = {
      ...{ ...context, lab, service, director, client: connection, directorHost: connection },
      realServers: new Map(lab.realServers.map(({ name }) => [name, connection])),
      pause: async () => Promise.resolve(),
      emit: () => undefined,
      now: () => 0,
    };
    const marked = { ...test, service: { ...service, mark: 7, ports: [80, 443] } };
    const controls = controlsOf(marked, clientAddress);
    for (const { take, putBack } of controls) {
      await connection.run(take);
      await connection.run(putBack);
    }
    await runControls(test, { clientAddress } as VerifyReport).catch(() => undefined);
  }
}
