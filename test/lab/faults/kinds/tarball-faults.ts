import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { type Case, onDebian, type Scenario } from '../course/scenario.ts';
import { expectExitCode, type Site } from '../hosts/site.ts';

/** What the server makes of the tarball that it is asked for. */
interface Delivery {
  readonly moment: string;
  readonly deliver: (tarball: Buffer) => RequestListener;
  readonly says: RegExp;
  readonly fast?: true;
}

const deliveries: readonly Delivery[] = [
  {
    moment: 'one bit flipped on the way',
    fast: true,
    deliver: (tarball) => whole(flipped(tarball)),
    says: /SHA-256/,
  },
  {
    moment: 'truncated, as if it were whole',
    deliver: (tarball) => whole(tarball.subarray(0, tarball.length / 2)),
    says: /SHA-256/,
  },
  {
    moment: 'the connection breaks halfway',
    deliver: (tarball) => (_request, response) => {
      response.writeHead(200, { 'content-length': tarball.length });
      response.write(tarball.subarray(0, tarball.length / 2), () => response.destroy());
    },
    says: /could not be downloaded/,
  },
  {
    moment: 'the server falls silent halfway',
    deliver: (tarball) => (_request, response) => {
      response.writeHead(200, { 'content-length': tarball.length });
      response.write(tarball.subarray(0, tarball.length / 2));
    },
    says: /could not be downloaded.*nothing came for/s,
  },
  {
    moment: 'missing (404)',
    deliver: () => (_request, response) => response.writeHead(404).end(),
    says: /answered 404/,
  },
];

export const tarballDamaged: Scenario = {
  fault: 'the tarball is damaged, truncated, or breaks off on the way',
  injected: 'an HTTP server of the test delivers it so',
  answer:
    'nothing of it is used or kept; the error names the URL and both checksums; the cache holds whole files only',
  flavours: onDebian,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    ...deliveries.map(({ deliver, says, ...rest }): Case => ({
      ...rest,
      run: async (site) => {
        await site.begin('fresh');
        const good = readFileSync(site.lab.release.tarball);
        await withDownload(site, deliver(good), async (options, downloads) => {
          const run = await site.apply(options);
          site.expectFailure(run, { code: 'E_DOWNLOAD', says });
          const kept = existsSync(downloads) ? readdirSync(downloads) : [];
          if (kept.length > 0) throw new Error(`kept in the cache: ${kept.join(', ')}`);
        });
        await site.expectWholeFiles();
        await site.expectRecovery('applied');
      },
    })),
    {
      moment: 'a bit flipped in the cache',
      run: async (site) => {
        await site.begin('fresh');
        const good = readFileSync(site.lab.release.tarball);
        await withDownload(site, whole(good), async (options, downloads) => {
          expectExitCode(await site.apply(options), 0);
          const [cached = ''] = readdirSync(downloads);
          writeFileSync(path.join(downloads, cached), flipped(good));
          await site.host.run('rm -r /usr/local/nginx/sbin');
          expectExitCode(await site.apply(options), 0);
          const isGood = readFileSync(path.join(downloads, cached)).equals(good);
          if (!isGood) throw new Error('the damaged file stayed in the cache');
        });
        await site.expectRecovery('applied');
      },
    },
    {
      moment: 'a local file (nginx_tarball) that is not the one',
      run: async (site) => {
        await site.begin('fresh');
        const bad = path.join(site.lab.folder, `bad-${site.host.name}.tar.gz`);
        writeFileSync(bad, flipped(readFileSync(site.lab.release.tarball)));
        const run = await site.apply({ extra: ['-e', `nginx_tarball=${bad}`] });
        site.expectFailure(run, { code: 'E_DOWNLOAD', says: /bad-rs\d\.tar\.gz has the SHA-256/ });
        await site.expectRecovery('applied');
      },
    },
  ],
};

type DownloadRun = Parameters<Site['apply']>[0];

/** Lets lvslab download the tarball from a server of our own into a cache of its own. */
async function withDownload(
  site: Site,
  listener: RequestListener,
  use: (options: DownloadRun, downloads: string) => Promise<void>,
): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cache = path.join(site.lab.folder, `cache-${site.host.name}`);
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache);
  const name = site.host.name === 'rs2' ? 'rs2' : 'rs1';
  try {
    await use(
      {
        inventory: site.lab.inventories.download[name],
        extra: ['-e', `nginx_url=http://127.0.0.1:${port}/nginx.tar.gz`],
        environment: { XDG_CACHE_HOME: cache },
      },
      path.join(cache, 'lvslab/downloads'),
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function whole(body: Buffer): RequestListener {
  return (_request, response) => response.writeHead(200).end(body);
}

function flipped(good: Buffer): Buffer {
  const bad = Buffer.from(good);
  const middle = Math.floor(bad.length / 2);
  bad[middle] = (bad[middle] ?? 0) ^ 1;
  return bad;
}
