import { z } from 'zod';
import { type Change, type Resource, type Target, value } from '../../engine/model/resource.ts';
import { lines, sh, trusted } from '../../engine/model/script.ts';
import { type PackageManager, type Platform } from '../../platforms/platform.ts';
import { filledLines, parseSections } from '../../platforms/sections.ts';
import {
  type InstalledPackages,
  isInstalled,
  parseInstalledPackages,
} from './installed-packages.ts';
import { type PackageCommands, packageCommands } from './package-managers.ts';
import { forgedError } from '../parse-spec.ts';

/** Either what is wanted, or everything that is installed on a host, to be able to go back to it. */
export type PackageSetState =
  | { readonly kind: 'wanted'; readonly names: readonly string[] }
  | { readonly kind: 'host'; readonly installed: InstalledPackages };

/** Packages that are there, in whichever version the host's release has. */
export function packageSet(
  platform: Platform,
  names: readonly string[],
): Resource<PackageSetState> {
  return packagesBy({ packageManager: platform.packageManager, names });
}

/** Packages that one of the package managers brings. */
export function packagesBy(options: PackageSetOptions): Resource<PackageSetState> {
  return packages(options, { installed: [], interrupted: false, stays: new Map() });
}

interface PackageSetOptions {
  readonly packageManager: PackageManager;
  readonly names: readonly string[];
}

/** The versions that came with a change, by package. */
type Newcomers = Readonly<Record<string, string>>;

/** What the journal knows of a set. */
interface Knowledge {
  /** What each of our changes brought. */
  readonly installed: readonly Newcomers[];
  readonly interrupted: boolean;
  /** Packages that are ours and stay, with the reason. */
  readonly stays: ReadonlyMap<string, string>;
}

function packages(
  { packageManager, names }: PackageSetOptions,
  knowledge: Knowledge,
): Resource<PackageSetState> {
  const commands = packageCommands[packageManager];
  const going = (there: InstalledPackages, to: Target<PackageSetState>): readonly string[] =>
    surplusOf({ commands, names, there, to, knowledge }).filter(
      (name) => !knowledge.stays.has(name),
    );
  return {
    id: `packages ${names.join(' ')}`,
    spec: { kind: 'package-set', args: { packageManager, names } },
    shared: true,
    desired: value({ kind: 'wanted', names }),
    observe: commands.list,
    parse: (output) => value({ kind: 'host', installed: parseInstalledPackages(output) }),
    diff(observed, to): readonly Change[] {
      const there = installedOf(observed);
      const missing = missingOf(there, to).map((field) => ({ field, to: 'installed' }));
      const surplus = going(there, to).map((field) => ({
        field,
        from: there[field]?.version ?? 'installed',
      }));
      const marks = wrongMarks({ names, there, to, knowledge }).map((name) => ({
        field: `mark of ${name}`,
        from: 'manual',
        to: 'auto',
      }));
      return [...missing, ...surplus, ...marks];
    },
    converge(from, to) {
      const there = installedOf(from);
      const missing = missingOf(there, to);
      const repair = knowledge.interrupted ? commands.repair : undefined;
      if (missing.length > 0) return lines(repair, commands.install(missing));
      const surplus = going(there, to);
      const marks = wrongMarks({ names, there, to, knowledge });
      if (surplus.length + marks.length === 0) return trusted('');
      const before = installedOf(to);
      const keepConfiguration = surplus.filter((name) => Object.hasOwn(before, name));
      return lines(
        repair,
        surplus.length === 0 ? undefined : commands.remove({ names: surplus, keepConfiguration }),
        marks.length === 0 ? undefined : sh`apt-mark auto -- ${marks}`,
      );
    },
    withPast: ({ outcomes, interrupted }) =>
      packages(
        { packageManager, names },
        { ...knowledge, installed: parseOutcomes(outcomes), interrupted },
      ),
    outcome(from, to): Newcomers {
      const [before, after] = [from, to].map(installedOf);
      const newcomers = newcomersOf(after ?? {}, before ?? {});
      return Object.fromEntries(
        Object.entries(newcomers).map(([name, { version }]) => [name, version]),
      );
    },
    askOthers(observed, to) {
      const there = installedOf(observed);
      const surplus = surplusOf({ commands, names, there, to, knowledge });
      const changed = surplus.filter((name) => isOtherVersion(name, there, knowledge));
      const removable = surplus.filter((name) => !changed.includes(name));
      if (surplus.length === 0) return undefined;
      return {
        script: removable.length === 0 ? trusted(':') : commands.askOthers(removable),
        settle(output) {
          const stays = new Map([
            ...changed.map((name) => [name, 'another version than lvslab installed'] as const),
            ...parseRefusals(output),
          ]);
          return { resource: packages({ packageManager, names }, { ...knowledge, stays }), stays };
        },
      };
    },
  };
}

const newcomers = z.array(z.record(z.string(), z.string()));

function parseOutcomes(outcomes: readonly unknown[]): readonly Newcomers[] {
  const parsed = newcomers.safeParse(outcomes);
  if (parsed.success) return parsed.data;
  throw forgedError('package-set', 'its outcomes are no versions of packages');
}

function installedOf(state: Target<PackageSetState>): InstalledPackages {
  return state.kind === 'value' && state.value.kind === 'host' ? state.value.installed : {};
}

function missingOf(there: InstalledPackages, to: Target<PackageSetState>): readonly string[] {
  const wanted = to.kind === 'value' && to.value.kind === 'wanted' ? to.value.names : [];
  return wanted.filter((name) => !isInstalled(there, name));
}

function newcomersOf(there: InstalledPackages, before: InstalledPackages): InstalledPackages {
  return Object.fromEntries(
    Object.entries(there).filter(
      ([name]) => isInstalled(there, name) && !isInstalled(before, name),
    ),
  );
}

/** What came with our set since `to`; packages that somebody else installed meanwhile are not ours to remove. */
function surplusOf({
  commands,
  names,
  there,
  to,
  knowledge: { installed, interrupted },
}: {
  readonly commands: PackageCommands;
  readonly names: readonly string[];
  readonly there: InstalledPackages;
  readonly to: Target<PackageSetState>;
  readonly knowledge: Knowledge;
}): readonly string[] {
  if (to.kind !== 'value' || to.value.kind !== 'host') return [];
  const newcomers = newcomersOf(there, to.value.installed);
  const known = Object.keys(newcomers).filter((name) =>
    installed.some((ours) => Object.hasOwn(ours, name)),
  );
  // Of a change whose end was not seen, the package manager's own notes are all there is.
  const isWhole = installed.length > 0 && !interrupted;
  const ours = names.filter((name) => Object.hasOwn(newcomers, name));
  const guessed = isWhole || ours.length === 0 ? [] : commands.cameWith(ours, newcomers);
  return [...new Set([...known, ...guessed])];
}

function isOtherVersion(name: string, there: InstalledPackages, { installed }: Knowledge): boolean {
  const versions = installed.flatMap((ours) => ours[name] ?? []);
  return versions.length > 0 && !versions.includes(there[name]?.version ?? '');
}

/** Packages that apt had installed for the sake of others, and that naming them has marked as wanted for themselves. */
function wrongMarks({
  names,
  there,
  to,
  knowledge: { installed },
}: {
  readonly names: readonly string[];
  readonly there: InstalledPackages;
  readonly to: Target<PackageSetState>;
  readonly knowledge: Knowledge;
}): readonly string[] {
  const before = installedOf(to);
  return names
    .filter((name) => before[name]?.mark === 'auto' && there[name]?.mark === 'manual')
    .filter((name) => installed.some((ours) => Object.hasOwn(ours, name)));
}

/** Reads the section 'stays': a package and one that needs it on each line, parted by a tab. */
function parseRefusals(output: string): readonly (readonly [string, string])[] {
  return filledLines(parseSections(output).get('stays')).map((line) => {
    const [name = '', by = ''] = line.split('\t');
    return [name, by === '' ? 'the package manager does not give it' : `needed by ${by}`];
  });
}
