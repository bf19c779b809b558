import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A registry of images on this machine, for as long as it is open. */
export interface LocalRegistry {
  /** '127.0.0.1:PORT' */
  readonly address: string;
  close(): Promise<void>;
}

/** Starts Debian's docker-registry on loopback, with its images in a folder. */
export async function openLocalRegistry(folder: string): Promise<LocalRegistry> {
  const address = `127.0.0.1:${await freePort()}`;
  const config = path.join(folder, 'registry.yml');
  writeFileSync(
    config,
    JSON.stringify({
      version: '0.1',
      storage: { filesystem: { rootdirectory: path.join(folder, 'registry') } },
      http: { addr: address },
    }),
  );
  const server = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const ended = once(server, 'close');
  for (;;) {
    const answer = await fetch(`http://${address}/v2/`).catch(() => undefined);
    if (answer?.ok === true) break;
    if (server.exitCode !== null) throw new Error('docker-registry does not run');
    await pause(100);
  }
  return {
    address,
    async close() {
      server.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
