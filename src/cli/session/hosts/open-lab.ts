import path from 'node:path';
import { openDownloads } from '../../../downloads/fetch-tarball.ts';
import { openSharedBuilds } from '../../../downloads/shared-builds.ts';
import { PlaybookError } from '../../../engine/model/failures/errors.ts';
import { type Playbook } from '../../../engine/model/play.ts';
import { type EngineHost, playsOf } from '../../../engine/apply/survey.ts';
import { hostsMatching } from '../../../inventory/groups/host-pattern.ts';
import { type Host, type Inventory } from '../../../inventory/inventory.ts';
import { problemLine } from '../../../inventory/inventory-error.ts';
import { loadInventory } from '../../../inventory/load-inventory.ts';
import { didYouMean } from '../../../inventory/suggestion.ts';
import { detectPlatform } from '../../../platforms/detect-platform.ts';
import { factsScript } from '../../../platforms/facts/facts-script.ts';
import { parseFacts } from '../../../platforms/facts/parse-facts.ts';
import { type LabPlaybook, playbookFor, type PlayContext } from '../../../playbook.ts';
import { type Lab } from '../../../lab/lab.ts';
import { modesOf } from '../../../lab/lab-of-service.ts';
import { labFrom } from '../../../lab/lab-from.ts';
import { hostsToAsk } from '../../../lab/told-settings.ts';
import { projectPath } from '../../../project-files.ts';
import { type Access, openAccess } from './access.ts';
import {
  buildsFolder,
  downloadsFolder,
  factsFolder,
  playbookCache,
  type TellDetail,
} from '../caches.ts';
import { connect } from './connect.ts';
import { EarlyConnections } from './early-connections.ts';
import { type FlagGroups, type LabFlags, type PlaybookFlag } from '../../flags.ts';
import { lastFactsIn } from '../last-facts.ts';
import { loadPlaybook } from '../load-playbook.ts';
import { type Screen } from '../../terminal/screen.ts';
import { readVaultPasswords } from '../../secrets/vault-passwords.ts';

/** The playbook of the whole documented lab. */
const SITE_PLAYBOOK = projectPath('playbooks/site.ts');

/** Which plays are for which hosts, and how much is said of it. */
type PlayFlags = Pick<FlagGroups, 'inventory' | 'output'> & PlaybookFlag;

/** An inventory and the lab that it means. */
export interface DescribedLab {
  readonly inventory: Inventory;
  readonly lab: Lab;
  readonly access: Access;
  /** The inventory as it was read leaves out what the hosts were asked for. */
  readonly isShort?: true;
}

/** A lab with the plays for it, and its hosts as the engine wants them. */
export interface PlayedLab extends DescribedLab {
  readonly playbook: Playbook<PlayContext>;
  readonly hosts: readonly EngineHost<PlayContext>[];
}

/**
 * Reads an inventory, checks the lab that it means, and asks for the passwords that were said to be asked for; all before
 * any host is contacted.
 * @throws InventoryError with everything that is wrong
 */
export async function describeLab(
  flags: LabFlags,
  screen: Pick<Screen, 'signal' | 'reporter'>,
): Promise<DescribedLab> {
  return await describe(await inventoryOf(flags, screen), flags, screen);
}

/**
 * The same for a command that only reads: what the inventory leaves out and its hosts can tell, they are asked for.
 * @throws InventoryError with everything that is wrong, or lacking still
 */
export async function describeAskedLab(flags: LabFlags, screen: Screen): Promise<DescribedLab> {
  const loaded = await inventoryOf(flags, screen);
  if (hostsToAsk(loaded).length === 0) return await describe(loaded, flags, screen);
  warnOf(loaded, screen);
  const { inventory, access } = await openAccess(loaded, flags.credentials, screen.signal);
  const { askForLeftOut } = await import('./ask-networks.ts');
  const complete = await askForLeftOut(inventory, access, screen);
  return { lab: labFrom(complete), inventory: complete, access, isShort: true };
}

async function describe(
  loaded: Inventory,
  { credentials }: Pick<LabFlags, 'credentials'>,
  screen: Pick<Screen, 'signal' | 'reporter'>,
): Promise<DescribedLab> {
  const lab = labFrom(loaded);
  warnOf(loaded, screen);
  return { lab, ...(await openAccess(loaded, credentials, screen.signal)) };
}

async function inventoryOf(
  { inventory: { inventory: file, extraVars }, credentials }: LabFlags,
  { signal }: Pick<Screen, 'signal'>,
): Promise<Inventory> {
  const vaultPasswords = await readVaultPasswords(credentials, signal);
  return await loadInventory(file, { extraVars, vaultPasswords, folder: process.cwd() });
}

function warnOf({ warnings }: Inventory, { reporter }: Pick<Screen, 'reporter'>): void {
  for (const warning of warnings) reporter.say(`Warning: ${problemLine(warning)}`);
}

/** Reads the playbook for a lab and makes hosts for the engine; nothing is contacted yet. */
export async function openLab(flags: LabFlags & PlayFlags, screen: Screen): Promise<PlayedLab> {
  return await playLab(await describeLab(flags, screen), flags, screen);
}

/**
 * Reads a lab and its playbook for a command that reads the hosts at once: those that were read before are connected to while
 * the playbook is loaded, and left again where no play is for them.
 */
export async function inLab(
  flags: LabFlags & PlayFlags,
  screen: Screen,
  work: (played: PlayedLab) => Promise<number>,
): Promise<number> {
  const described = await describeLab(flags, screen);
  const early = new EarlyConnections();
  try {
    await connectEarly(early, { described, flags, screen });
    const played = await playLab(described, flags, screen);
    const concerned = played.hosts.filter((host) => playsOf(host, played.playbook).length > 0);
    await early.leaveOthers(concerned.map(({ name }) => name));
    return await work({ ...played, hosts: played.hosts.map((host) => early.given(host)) });
  } finally {
    await early.leaveOthers();
  }
}

async function connectEarly(
  early: EarlyConnections,
  {
    described: { inventory, access },
    flags,
    screen: { reporter, hostKeys, signal },
  }: { readonly described: DescribedLab; readonly flags: PlayFlags; readonly screen: Screen },
): Promise<void> {
  const folder = await factsFolder(path.resolve(inventory.file));
  if (folder === undefined) return;
  const active = new Set(hostsMatching(inventory, flags.inventory.limit ?? 'all'));
  await Promise.all(
    [...inventory.hosts.values()].map(async (host) => {
      if (!active.has(host.name) || host.unusable !== undefined) return;
      if (!(await lastFactsIn(folder, host.name).areThere())) return;
      early.begin(host.name, ({ signal: left, ...options }) => {
        const way = { reporter, hostKeys, signal: AbortSignal.any([signal, left]) };
        return connect(host, access, way, { ...options, readAtOnce: true });
      });
    }),
  );
}

/** A lab that was described already, with its playbook. */
export async function playLab(
  described: DescribedLab,
  flags: PlayFlags,
  screen: Screen,
): Promise<PlayedLab> {
  const { playbook = SITE_PLAYBOOK } = flags;
  const loaded = await openPlaybook(playbook, detailsOf(flags.output, screen));
  return await playWith(described, loaded, flags, screen);
}

/** A lab that was described already, with a playbook that is at hand. */
export async function playWith(
  described: DescribedLab,
  loaded: LabPlaybook,
  { inventory: { limit = 'all' }, output }: Pick<PlayFlags, 'inventory' | 'output'>,
  screen: Screen,
): Promise<PlayedLab> {
  const { inventory, lab } = described;
  const playbook = playbookFor(modesOf(lab), loaded);
  checkHostsOf(playbook, inventory);
  const active = new Set(hostsMatching(inventory, limit));
  const observed = hostsNeededBy(active, inventory, playbook);
  for (const [host, reason] of observed) screen.reporter.say(`${host} is only read: ${reason}`);
  const downloads = openDownloads(await downloadsFolder(detailsOf(output, screen)));
  const builds = await openBuilds(inventory, screen, detailsOf(output, screen));
  const facts = await factsFolder(path.resolve(inventory.file));
  const hosts = [...inventory.hosts.values()]
    .filter(({ name }) => active.has(name) || observed.has(name))
    .map((host) => ({
      ...reachable(host, { active, described, screen }),
      ...(facts !== undefined && { lastFacts: lastFactsIn(facts, host.name) }),
      context: (output: string): PlayContext => {
        const found = parseFacts(output);
        const platform = detectPlatform(found);
        return { name: host.name, lab, facts: found, platform, downloads, ...builds };
      },
    }));
  return { ...described, playbook, hosts };
}

/** What the hosts of a lab give each other; what a host sends and is refused is told. */
async function openBuilds(
  { file }: Pick<Inventory, 'file'>,
  { reporter }: Pick<Screen, 'reporter'>,
  tell: TellDetail,
): Promise<Pick<PlayContext, 'builds'>> {
  const folder = await buildsFolder(path.resolve(file), tell);
  if (folder === undefined) return {};
  const onRefused = (host: string, why: string): void => {
    reporter.say(`The nginx that ${host} has built is not given to others: ${why}.`);
  };
  return { builds: openSharedBuilds(folder, { onRefused }) };
}

/** Loads a playbook from a file. */
export async function openPlaybook(file: string, tell: TellDetail): Promise<LabPlaybook> {
  return await loadPlaybook(file, await playbookCache(tell));
}

/** How something is said to a person who wants to know all, and to nobody else. */
export function detailsOf({ verbose }: FlagGroups['output'], { reporter }: Screen): TellDetail {
  return (text) => {
    if (verbose === true) reporter.say(text);
  };
}

/** A lab may do without some of its groups, but a play for a name that stands nowhere is a slip. */
function checkHostsOf({ plays }: Playbook<PlayContext>, { hosts, groups }: Inventory): void {
  const known = new Set(['all', ...LAB_GROUPS, ...groups.keys(), ...hosts.keys()]);
  const wrong = plays.find((play) => !known.has(play.hosts));
  if (wrong === undefined) return;
  const suggestion = didYouMean(wrong.hosts, [...known]);
  throw new PlaybookError(
    `play '${wrong.name}' is for '${wrong.hosts}', which is no group and no host of the inventory${suggestion === undefined ? '' : ` (${suggestion})`}`,
    { hint: `There are: ${[...known].join(', ')}.` },
  );
}

const LAB_GROUPS = ['director', 'real_servers', 'clients'];

/** Every host of an inventory, as far as it takes no playbook to reach it. */
export type ReachableHosts = readonly EngineHost<string>[];

/** All hosts of an inventory; those outside the limit may be read, but not changed. */
export async function openEveryHost(flags: LabFlags, screen: Screen): Promise<ReachableHosts> {
  return everyHostOf(await describeLab(flags, screen), flags.inventory, screen);
}

/** All hosts of a lab that was described already. */
export function everyHostOf(
  described: DescribedLab,
  { limit = 'all' }: Pick<FlagGroups['inventory'], 'limit'>,
  screen: Screen,
): ReachableHosts {
  const { inventory, lab } = described;
  const active = new Set(hostsMatching(inventory, limit));
  const provisioned = new Set([...lab.directors, ...lab.realServers].map(({ name }) => name));
  // Nothing can have been done where lvslab can't log in.
  const within = [...inventory.hosts.values()].filter(({ unusable }) => unusable === undefined);
  return within.map((host) => ({
    ...reachable(host, { active, described, screen }),
    context: (facts) => facts,
    dispensable: !provisioned.has(host.name),
  }));
}

/** A host for the engine, but for what its plays get; those that are not active are read only. */
function reachable(
  host: Host,
  {
    active,
    described: { access },
    screen,
  }: {
    readonly active: ReadonlySet<string>;
    readonly described: DescribedLab;
    readonly screen: Screen;
  },
): Omit<EngineHost<unknown>, 'context'> {
  return {
    name: host.name,
    groups: host.groups,
    readOnly: !active.has(host.name),
    connect: (options) => connect(host, access, screen, { ...options, readAtOnce: true }),
    facts: factsScript,
  };
}

/** Hosts outside the limit that plays of those inside depend on, and why: they are read, never changed. */
function hostsNeededBy(
  active: ReadonlySet<string>,
  { hosts }: Inventory,
  playbook: Playbook<PlayContext>,
): ReadonlyMap<string, string> {
  const all = [...hosts.values()];
  const reasons = new Map(
    all
      .filter(({ name }) => active.has(name))
      .flatMap((host) =>
        playsOf(host, playbook).flatMap(({ name, after = [] }) =>
          after.map(
            (other) => [other, `'${name}' on ${host.name} comes after '${other}'`] as const,
          ),
        ),
      ),
  );
  const needed = all.flatMap((host) => {
    const play = playsOf(host, playbook).find(({ name }) => reasons.has(name))?.name ?? '';
    const reason = reasons.get(play);
    return active.has(host.name) || reason === undefined ? [] : [[host.name, reason] as const];
  });
  return new Map(needed);
}
