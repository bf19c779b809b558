import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { offlineRepository } from '../../../../src/embedded/images/recipes/image-recipe.ts';
import { type Case, onBoth, type Scenario } from '../course/scenario.ts';
import { expectExitCode, type Site } from '../hosts/site.ts';

/** The controller's address in the real servers' network, where the test's own package source listens. */
const ADDRESS = '192.168.2.1';

/** Any port that nothing else in the lab listens on; each real server has one, for both are used at once. */
const ports = { director: 8090, client: 8090, rs1: 8091, rs2: 8092 } as const;

const SERVER = fileURLToPath(new URL('../servers/package-server.js', import.meta.url));

type Manner = 'half' | 'missing' | 'silent' | 'slow' | 'well';

/** How long a package source that says nothing may hold a run up, milliseconds. */
const SILENCE_LIMIT_MS = 240_000;

export const packageSource: Scenario = {
  fault: 'the package source is down, slow, silent, lacks the files, or breaks off halfway',
  injected: "an HTTP server of the test inside the lab's network is the host's only source",
  answer:
    'a slow source is waited for; every other one ends the step with the URL and what it answered, after bounded retries',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    failing('down', undefined, /fetched from http:\/\/192.*(refused|Couldn't connect)/s, {
      fast: true,
    }),
    failing('every file is missing (404)', 'missing', /fetched from http:\/\/192.*404/s),
    failing('each transfer ends halfway', 'half', /fetched from http:\/\/192/s),
    failing('silent after the headers', 'silent', /fetched from http:\/\/192/s),
    {
      moment: 'slow: 64 KiB/s',
      run: async (site) => {
        await site.begin('fresh');
        await withSource(site, 'slow', async (extra) => {
          expectExitCode(await site.apply({ extra }), 0);
        });
        // What was written of the source itself is made right, too.
        await site.expectRecovery('applied');
      },
    },
  ],
};

function failing(
  moment: string,
  manner: Manner | undefined,
  says: RegExp,
  rest: Pick<Case, 'fast'> = {},
): Case {
  return {
    ...rest,
    moment,
    run: async (site) => {
      await site.begin('fresh');
      await withSource(site, manner, async (extra) => {
        const run = await site.apply({ extra, limitMs: SILENCE_LIMIT_MS });
        site.expectFailure(run, { code: 'E_STEP_FAILED', says, step: /packages/ });
      });
      await site.expectWholeFiles(['/etc/yum.repos.d/lvslab-vault.repo']);
      await site.expectRecovery('applied');
    },
  };
}

/** Makes the test's server the host's only source of packages for a while; without a manner, nothing listens there. */
async function withSource(
  site: Site,
  manner: Manner | undefined,
  use: (extra: readonly string[]) => Promise<void>,
): Promise<void> {
  const port = ports[site.host.name as keyof typeof ports];
  const stop = manner === undefined ? () => undefined : await serve(site, { port, manner });
  const url = `http://${ADDRESS}:${port}`;
  try {
    if (site.flavour === 'debian') {
      await site.host.run(`cp -p /etc/apt/sources.list /root/sources.list
echo 'deb [trusted=yes] ${url} ./' >/etc/apt/sources.list`);
    }
    await use(site.flavour === 'el7' ? ['-e', `el7_vault_url=${url}`] : []);
  } finally {
    stop();
    if (site.flavour === 'debian') {
      await site.host.run('mv /root/sources.list /etc/apt/sources.list; apt-get -qq update');
    }
  }
}

async function serve(
  site: Site,
  { port, manner }: { readonly port: number; readonly manner: Manner },
): Promise<() => void> {
  const folder = site.flavour === 'debian' ? offlineRepository : '/opt/vault';
  const child = spawn(
    'ip',
    [
      ...['netns', 'exec', site.lab.name, process.execPath, SERVER],
      ...[`${await imageOf(site)}${folder}`, ADDRESS, String(port), manner],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return () => {
    child.kill();
  };
}

/** The folder of the image that the container lies over. */
async function imageOf(site: Site): Promise<string> {
  const run = await readFile(site.host.runFile, 'utf8');
  const layers = /lowerdir=([^,]*)/.exec(run)?.[1]?.split(':') ?? [];
  return layers.at(-1) ?? '';
}
