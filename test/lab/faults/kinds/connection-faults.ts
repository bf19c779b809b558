import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sshOptions } from '../../../../src/embedded/lab/lab-ssh.ts';
import { applyAndActInBuild } from '../course/moments.ts';
import { type Case, onBoth, onDebian, type Scenario } from '../course/scenario.ts';
import { expectExitCode, patiently, type Site } from '../hosts/site.ts';
import { errorsOf, type WatchedRun } from '../course/watched-run.ts';

const PROXY = fileURLToPath(new URL('../servers/cutting-proxy.js', import.meta.url));

/** The same options as the lab's, with the breaking proxy before its own. */
function cutting(
  site: Site,
  { bytes, times }: { readonly bytes: number; readonly times: number },
): { readonly extra: readonly string[]; readonly counter: string } {
  const counter = path.join(site.lab.folder, `connections-${site.host.name}`);
  rmSync(counter, { force: true });
  const options = sshOptions(site.host.lab)
    .map((option) =>
      option.replace(
        'ProxyCommand=',
        `ProxyCommand=${process.execPath} ${PROXY} ${bytes} ${times} ${counter} `,
      ),
    )
    .map((option) => `-o '${option}'`);
  const variables = { ansible_ssh_common_args: options.join(' ') };
  return { extra: ['-e', JSON.stringify(variables)], counter };
}

/** The bytes that go to the host in an apply without faults, over the connection that carries most of it. */
const traffic = new Map<Site, number>();

async function bytesOfApply(site: Site): Promise<number> {
  const known = traffic.get(site);
  if (known !== undefined) return known;
  await site.begin('fresh');
  const { extra, counter } = cutting(site, { bytes: 0, times: 0 });
  expectExitCode(await site.apply({ extra }), 0);
  const sums = new Map<string, number>();
  for (const line of readFileSync(counter, 'utf8').trim().split('\n')) {
    const [connection = '', size = ''] = line.split(' ');
    sums.set(connection, (sums.get(connection) ?? 0) + Number(size));
  }
  const bytes = Math.max(...sums.values());
  traffic.set(site, bytes);
  return bytes;
}

export const connectionCut: Scenario = {
  fault: 'the SSH connection breaks',
  injected:
    'a ProxyCommand ends after so many bytes: in the key exchange, in what is read, in the upload, in the script',
  answer:
    'before anything changes, the host fails with that cause; after that, the connection is made again and the job goes on',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    ...[1500, 9000, 40_000].map((bytes) => cutAt(`after ${bytes} bytes`, () => bytes)),
    ...[0.2, 0.5, 0.8].map((part) =>
      cutAt(`after ${part * 100} % of all bytes, in the upload`, (all) => Math.round(all * part), {
        mustGoOn: true,
        ...(part === 0.5 && { fast: true }),
      }),
    ),
    ...[20_000, 8000, 2000].map((left) =>
      cutAt(`${left} bytes before the end`, (all) => all - left, { mustGoOn: true }),
    ),
  ],
};

function cutAt(
  moment: string,
  bytesOf: (all: number) => number,
  { mustGoOn = false, ...rest }: Pick<Case, 'fast'> & { readonly mustGoOn?: boolean } = {},
): Case {
  return {
    ...rest,
    moment,
    run: async (site) => {
      const bytes = bytesOf(await bytesOfApply(site));
      await site.begin('fresh');
      const run = await site.apply({ extra: cutting(site, { bytes, times: 1 }).extra });
      if (mustGoOn || run.exitCode === 0) {
        expectExitCode(run, 0);
        if (mustGoOn) expectEvent(run, 'reconnected');
      } else site.expectFailure(run, { code: 'E_CONNECT(ION_LOST)?', says: /./ });
      await site.expectWholeFiles();
      await site.expectRecovery('applied');
    },
  };
}

export const sessionKilled: Scenario = {
  fault: "the host's SSH server ends the session, or the cable is pulled for a while",
  injected: 'the sshd processes of the session are killed; the link is set down for 25 s',
  answer: 'the step goes on; the connection is made again and the job goes on',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    {
      moment: 'sshd killed while nginx is compiled',
      fast: true,
      run: async (site) => {
        await site.begin('fresh');
        const run = await applyAndActInBuild(site, async () => {
          await site.host.inside("pkill -KILL -f '^sshd: root'; sleep 2");
        });
        expectExitCode(run, 0);
        expectEvent(run, 'reconnected');
        await site.expectRecovery('applied');
      },
    },
    {
      moment: 'no cable for 25 s while nginx is compiled',
      run: async (site) => {
        await site.begin('fresh');
        const run = await applyAndActInBuild(site, async () => {
          await site.host.plug(false);
          await sleep(25_000);
          await site.host.plug(true);
        });
        expectExitCode(run, 0);
        expectEvent(run, 'reconnected');
        await site.expectRecovery('applied');
      },
    },
  ],
};

/** How soon a host that has fallen silent must be spoken of, milliseconds: 15 s, and a bit for the machine. */
const NOTICED_WITHIN_MS = 20_000;

export const stalled: Scenario = {
  fault: 'a host falls silent without a word (no reset)',
  injected: 'the control group of one of two real servers is frozen while it compiles',
  answer:
    'noticed within 15 s; the other host goes on; when the host comes back, the job is adopted, and after two minutes it is given up',
  flavours: onDebian,
  place: 'real servers',
  isInFastSubset: false,
  cases: () => [
    {
      moment: 'frozen for 30 s',
      run: async (site, other) => {
        const run = await applyFrozen(site, other, 30_000);
        expectExitCode(run, 0);
        expectEvent(run, 'reconnected');
        await site.expectRecovery('applied');
        await other.expectRecovery('applied');
      },
    },
    {
      moment: 'frozen until lvslab has given up',
      run: async (site, other) => {
        const run = await applyFrozen(site, other, 165_000);
        expectExitCode(run, 1);
        site.expectFailure(run, { code: 'E_CONNECTION_LOST', says: /no new one could be made/ });
        if (errorsOf(run).some(({ host }) => host === other.host.name)) {
          throw new Error(`${other.host.name} failed, too`);
        }
        await site.expectWholeFiles();
        await site.expectRecovery('applied', { extra: patiently() });
        await other.expectRecovery('applied');
      },
    },
  ],
};

async function applyFrozen(site: Site, other: Site, forMs: number): Promise<WatchedRun> {
  await site.begin('fresh');
  await other.begin('fresh');
  let frozenAt = 0;
  let noticedAt = 0;
  let otherProvedAt = 0;
  const run = await applyAndActInBuild(
    site,
    async () => {
      await site.host.freeze(true);
      frozenAt = performance.now();
      await sleep(forMs);
      await site.host.freeze(false);
    },
    {
      inventory: site.lab.inventories.servers,
      limitMs: 240_000,
      also: ({ type, host }) => {
        if (type === 'reconnecting' && host === site.host.name) noticedAt ||= performance.now();
        if (type === 'play-finished' && host === other.host.name) otherProvedAt = performance.now();
      },
    },
  );
  other.forget();
  const took = noticedAt - frozenAt;
  if (noticedAt === 0 || took > NOTICED_WITHIN_MS) throw new Error(`noticed after ${took} ms`);
  if (otherProvedAt === 0 || otherProvedAt > frozenAt + forMs) {
    throw new Error(`${other.host.name} did not go on meanwhile`);
  }
  return run;
}

function expectEvent({ events }: WatchedRun, type: string): void {
  if (!events.some((event) => event.type === type)) throw new Error(`there was no '${type}'`);
}
