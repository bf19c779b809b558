import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { askService, outcomesOf } from '../../../src/diagnose/readings/requests.ts';
import { type RequestReading } from '../../../src/diagnose/readings/readings.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { sampleLab } from '../../support/samples/sample-lab.ts';

let server: Socket;

beforeEach(async () => {
  server = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.close();
});

async function ask(count: number): Promise<readonly RequestReading[]> {
  const [service] = sampleLab.services;
  if (service === undefined) throw new Error('the sample has no service');
  const { batch } = await askService(
    openLocalConnection({ host: 'client', become: { kind: 'never' } }),
    count,
    {
      lab: sampleLab,
      service: { ...service, protocol: 'udp', ...server.address() },
      nonce: () => 'n0nce',
      signal: new AbortController().signal,
      emit: () => undefined,
      now: () => 0,
    },
  );
  return batch === undefined ? [] : outcomesOf(batch, sampleLab.realServers, 'udp');
}

test('a service of datagrams is asked, and whose answer it was is told by the RIP', async () => {
  const [rs1] = sampleLab.realServers;
  const answers = [`${rs1?.nic.address ?? ''}\n`, 'somebody else\n'];
  server.on('message', (_, { port, address }) => {
    server.send(answers.shift() ?? '', port, address);
  });
  expect(await ask(2)).toEqual([
    { outcome: 'answered', status: 200, server: rs1?.name },
    { outcome: 'answered', status: 200 },
  ]);
});

test('what is not answered times out', async () => {
  expect(await ask(1)).toEqual([{ outcome: 'timed-out' }]);
});
