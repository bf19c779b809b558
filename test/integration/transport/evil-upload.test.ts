import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import ssh2 from 'ssh2';

import { type EvilHost, startEvilHost } from '../../support/evil/evil-host.ts';

let host: EvilHost;

beforeEach(async () => {
  host = await startEvilHost();
});

afterEach(async () => {
  await host.stop();
});

describe('a file on its way', () => {
  const neverWrites = (): void => {
    host.behaviour.exec = ({ accept, nonce }) => {
      const channel = accept();
      channel.write(`${nonce}-ready\n/run/stage\n`);
      channel.exit(0);
      channel.end();
    };
    host.behaviour.session = (session) => {
      session.on('sftp', (accept) => {
        const sftp = accept();
        sftp.on('OPEN', (id) => {
          sftp.handle(id, Buffer.from('file'));
        });
      });
    };
  };

  test('to a host that takes nothing is given up when nothing gets on', async () => {
    neverWrites();
    const { sendFile } = await import('../../../src/transport/upload/send-file.ts');
    const from = path.join(host.folder, 'known_hosts');
    const client = new ssh2.Client();
    await new Promise((resolve) => {
      client.on('ready', () => {
        resolve(undefined);
      });
      client.connect({ host: '127.0.0.1', port: host.port, username: 'root' });
    });
    const sending = { host: 'rs1', from, to: '/f', signal: undefined, silenceMs: 300 };
    await expect(sendFile(client, sending)).rejects.toMatchObject({
      code: 'E_TIMEOUT',
      host: 'rs1',
      step: 'upload',
    });
    client.end();
  });

  test('is left on request', async () => {
    neverWrites();
    const from = path.join(host.folder, 'from');
    await writeFile(from, 'content');
    const connection = await host.connect();
    const stop = new AbortController();
    const uploading = connection.upload(from, '/to', { signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 200);
    await expect(uploading).rejects.toMatchObject({ code: 'E_CANCELLED', host: 'rs1' });
    await connection.close();
  });
});
