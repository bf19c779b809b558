import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bringUp, type RunningLab } from '../../embedded/bring-up.ts';
import { defaultLabName, labNamed } from '../../embedded/embedded-lab.ts';
import { hostsOfLab } from '../../embedded/lab/lab-hosts.ts';
import { labInventory as renderInventory } from '../../embedded/lab/lab-inventory.ts';
import { overSsh } from '../../embedded/lab/over-ssh.ts';
import { readRecord } from '../../embedded/lab/lab-record.ts';
import { sshCommand } from '../../embedded/lab/lab-ssh.ts';
import {
  type HostState,
  type HostStatus,
  labStatus as readStatus,
  type LabStatus,
  statusWhenUp,
} from '../../embedded/lab/lab-status.ts';
import { pruneCache } from '../../embedded/images/prune-cache.ts';
import { missingTools, requireRoot } from '../../embedded/machine/system-packages.ts';
import { imageTools } from '../../embedded/machine/system-tools.ts';
import { takeDown } from '../../embedded/take-down.ts';
import { UsageError } from '../../engine/model/failures/errors.ts';
import { statePaths } from '../../engine/host/state-paths.ts';
import { type Table } from '../../reporters/render/render-table.ts';
import { reportTo } from '../terminal/embedded-events.ts';
import { EXIT } from '../exit-codes.ts';
import { type EmbeddedFlags, type FlagGroups } from '../flags.ts';
import { inventoryFile } from '../session/inventory-file.ts';
import { provideTools } from '../session/provide-tools.ts';
import { BROKEN_ON_PURPOSE, isBroken } from '../session/broken-lab.ts';
import { type Screen, withScreen } from '../terminal/screen.ts';

type NameFlag = Pick<EmbeddedFlags, 'name'>;
type OutputGroup = Pick<FlagGroups, 'output'>;

/** `lvslab lab up` */
export async function labUp(flags: EmbeddedFlags & OutputGroup): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    const { record } = await bringUpLab(flags, screen);
    await showStatus(flags.name, statusWhenUp(record), screen);
    screen.reporter.say(`Its inventory: ${inventoryFile(flags.name)}`);
    return EXIT.ok;
  });
}

/** `lvslab lab down` */
export async function labDown(flags: NameFlag & OutputGroup): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    await takeDownLab(flags.name, screen);
    return EXIT.ok;
  });
}

/** `lvslab lab prune` */
export async function labPrune(flags: OutputGroup): Promise<number> {
  return await withScreen(flags.output, async ({ reporter }) => {
    requireRoot();
    const { paths } = labNamed(defaultLabName);
    const pruned = await pruneCache({ cache: paths.cache, labs: path.dirname(paths.state) });
    for (const { name, mebibytes } of pruned) {
      reporter.say(`removed ${path.join(paths.cache, name)} (${mebibytes} MiB)`);
    }
    if (pruned.length === 0) reporter.say('Nothing to remove: all that is cached may be needed.');
    return EXIT.ok;
  });
}

/** `lvslab lab status`: exit status 0 when all hosts run. */
export async function labStatus(flags: NameFlag & OutputGroup): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    requireRoot();
    const lab = labNamed(flags.name);
    const status = await readStatus(lab, screen.signal);
    if (status !== undefined) {
      const shown = await showStatus(flags.name, status, screen);
      await tellIfBroken(flags.name, status, screen);
      return shown;
    }
    screen.reporter.say(
      `There is no embedded lab '${flags.name}'. Make it with \`lvslab lab up\`.`,
    );
    return EXIT.failed;
  });
}

/** `lvslab lab ssh`: a session with this terminal; its exit status is the command's. */
export async function labSsh(
  hostName: string,
  command: readonly string[],
  { name }: NameFlag,
): Promise<number> {
  const record = await readRecord(labNamed(name)).catch(() => undefined);
  const hosts = hostsOfLab(record?.realServers);
  const host = hosts.find((known) => known.name === hostName);
  if (host === undefined) {
    throw new UsageError(`the embedded lab has no host '${hostName}'`, {
      hint: `Name one of its hosts: ${hosts.map((known) => known.name).join(', ')}.`,
    });
  }
  const [program = 'ssh', ...args] = sshCommand(labNamed(name), host);
  requireRoot();
  const ssh = spawn(program, [...args, ...command], { stdio: 'inherit' });
  const [exitCode] = (await once(ssh, 'close')) as [number | null];
  return exitCode ?? EXIT.failed;
}

/** `lvslab lab inventory` */
export async function labInventory({ name }: NameFlag): Promise<number> {
  requireRoot();
  process.stdout.write(await renderInventory(labNamed(name)));
  return EXIT.ok;
}

/** Installs what is missing on this machine, boots the hosts, and writes the inventory that reaches them. */
export async function bringUpLab(
  {
    name,
    flavour,
    image,
    mirror,
    mode,
    everyMode,
    realServers,
    accelerator,
  }: EmbeddedFlags & { readonly everyMode?: boolean },
  screen: Screen,
): Promise<RunningLab> {
  const lab = labNamed(name);
  const isFetched = /^(docker|oci):/.test(image ?? '');
  const missing = [...missingTools(), ...(isFetched ? missingTools(imageTools) : [])];
  await provideTools(missing, screen);
  const { signal } = screen;
  const running = await bringUp({
    ...{ ...lab, flavour, image, mirror, mode, everyMode, realServers, accelerator, signal },
    report: reportTo(screen),
  });
  await writeFile(inventoryFile(name), await renderInventory(lab));
  return running;
}

/** Removes a lab and everything that it made. */
export async function takeDownLab(name: string, screen: Screen): Promise<void> {
  requireRoot();
  await takeDown({ ...labNamed(name), report: reportTo(screen), signal: screen.signal });
}

async function showStatus(name: string, status: LabStatus, { reporter }: Screen): Promise<number> {
  const { record, hosts } = status;
  const isUp = hosts.every(({ state }) => state === 'up');
  await reporter.table({
    title: `The embedded lab ${name} (${record.image?.reference ?? record.flavour}; ${record.reasons.join('; ')})`,
    columns: ['host', 'runs as', 'address', 'state'],
    rows: hosts.map(({ host, runsAs, ...seen }) => [
      host.name,
      runsAs,
      host.address,
      { judgement: judgementOf(seen.state), text: stateText(seen) },
    ]),
    verdict: verdictOn(hosts),
  });
  return isUp ? EXIT.ok : EXIT.failed;
}

/** Says of a lab that was broken on purpose, and not mended since, that it was; a host that does not tell is passed over. */
async function tellIfBroken(
  name: string,
  { hosts }: LabStatus,
  { reporter, signal }: Screen,
): Promise<void> {
  const { printJournal, readJournal } = await import('../../engine/journal/journal-script.ts');
  const command = printJournal(statePaths).text;
  const up = hosts.filter(({ state }) => state === 'up');
  const journals = await Promise.all(
    up.map(async ({ host, limitMs }) => {
      const { exitCode, stdout } = await overSsh(labNamed(name), {
        host,
        command,
        limitMs,
        signal,
      });
      return exitCode === 0 ? readJournal(stdout) : undefined;
    }),
  );
  const isLabBroken = journals.some((journal) => journal?.entries.some(isBroken) === true);
  if (isLabBroken) reporter.say(BROKEN_ON_PURPOSE);
}

function verdictOn(hosts: readonly HostStatus[]): NonNullable<Table['verdict']> {
  const judgements = hosts.map(({ state }) => judgementOf(state));
  if (judgements.includes('failed')) {
    return {
      judgement: 'failed',
      text: `Not all hosts are up. Start them with \`lvslab lab up\`.`,
    };
  }
  if (judgements.includes('warning')) {
    return {
      judgement: 'warning',
      text: `Not all hosts are up yet. Wait for them with \`lvslab lab up\`.`,
    };
  }
  return { judgement: 'ok', text: 'All hosts are up.' };
}

function judgementOf(state: HostState): 'ok' | 'warning' | 'failed' {
  if (state === 'up') return 'ok';
  return state === 'starting' || state === 'slow' ? 'warning' : 'failed';
}

function stateText({ state, limitMs }: Pick<HostStatus, 'state' | 'limitMs'>): string {
  const seconds = Math.round(limitMs / 1000);
  if (state === 'slow') return `answers slowly: no login within ${seconds} s`;
  return state === 'unreachable' ? `unreachable: no answer within ${seconds} s` : state;
}
