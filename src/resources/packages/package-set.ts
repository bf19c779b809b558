import { z } from 'zod';
import {
  type Change,
  type Past,
  type Resource,
  type Stays,
  type Target,
  value,
} from '../../engine/model/resource.ts';
import { defineKind, forgedError } from '../../engine/model/resource-kind.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { type Platform } from '../../platforms/platform.ts';
import { listChanges } from '../field-changes.ts';
import { filledLines, parseSections } from '../../platforms/sections.ts';
import { line, word } from '../schemas.ts';
import {
  type InstalledPackages,
  isBrokenOff,
  isInstalled,
  isThere,
  parseInstalledPackages,
} from '../../platforms/packages/installed-packages.ts';
import { type PackageManager, type Removal } from '../../platforms/packages/package-manager.ts';
import { packageManagerNames, packageManagers } from '../../platforms/packages/package-managers.ts';

/** All packages of a host. */
export interface PackageSetState {
  readonly installed: InstalledPackages;
  /** Wanted, not found: what an interruption of lvslab's own has left half done is finished first. */
  readonly repaired?: true;
}

/** Packages that are there, in whichever version the host's release has. */
export function packageSet(
  { packages: { manager } }: Pick<Platform, 'packages'>,
  names: readonly string[],
): Resource<PackageSetState> {
  return packagesBy({ packageManager: manager.name, names });
}

/** Packages that one of the package managers brings. */
export const packagesBy = defineKind('package-set', {
  args: z.object({ packageManager: z.enum(packageManagerNames), names: z.array(word).readonly() }),
  state: z.object({ installed: z.record(line, z.object({ version: line, mark: line })) }),
  make: ({ packageManager, names }): Resource<PackageSetState> =>
    packages(packageManagers[packageManager], names),
});

function packages(commands: PackageManager, names: readonly string[]): Resource<PackageSetState> {
  return {
    id: `packages ${names.join(' ')}`,
    observe: commands.list,
    parse: (output) => value({ installed: parseInstalledPackages(output) }),
    aim: (found, past) => withRepair({ installed: withPackages(installedOf(found), names) }, past),
    diff: diffPackages,
    converge: (from, to) => convergePackages(commands, from, to),
    undo: {
      shared: true,
      aim(found, past, stays) {
        const there = installedOf(found);
        const going = cameWithSet({ commands, names, there, past }).filter(
          (name) => !stays.has(name),
        );
        const before = installedOf(past.before);
        const kept = withoutPackages(there, going, before);
        return withRepair({ installed: withMarks(kept, { names, before, past }) }, past);
      },
      outcome(from, to): Newcomers {
        const newcomers = newcomersOf(installedOf(to), installedOf(from));
        return Object.fromEntries(
          Object.entries(newcomers).map(([name, { version }]) => [name, version]),
        );
      },
      askOthers(found, past) {
        const there = installedOf(found);
        const going = cameWithSet({ commands, names, there, past });
        if (going.length === 0) return undefined;
        const changed = going.filter((name) => isOtherVersion(name, there, outcomesOf(past)));
        // Of a half, or of mere configuration files, nobody can need anything.
        const removable = going.filter(
          (name) => isInstalled(there, name) && !changed.includes(name),
        );
        return {
          script: removable.length === 0 ? sh`:` : commands.askOthers(removable),
          settle: (output): Stays =>
            new Map([
              ...changed.map((name) => [name, 'another version than lvslab installed'] as const),
              ...parseRefusals(output),
            ]),
        };
      },
    },
  };
}

function installedOf(state: Target<PackageSetState>): InstalledPackages {
  return state.kind === 'value' ? state.value.installed : {};
}

function withRepair(
  state: PackageSetState,
  past: Past<PackageSetState> | undefined,
): Target<PackageSetState> {
  return value({ ...state, ...(past?.interrupted === true && { repaired: true }) });
}

/** These packages, and all others as they are. */
function withPackages(there: InstalledPackages, names: readonly string[]): InstalledPackages {
  const missing = names.filter((name) => !isInstalled(there, name));
  const wanted = Object.fromEntries(missing.map((name) => [name, AS_THE_RELEASE_HAS_IT]));
  const others = Object.entries(there).filter(([name]) => !missing.includes(name));
  return { ...wanted, ...Object.fromEntries(others) };
}

const AS_THE_RELEASE_HAS_IT = { version: '', mark: 'manual' } as const;

/** All but these; of those whose configuration was there before, that stays. */
function withoutPackages(
  there: InstalledPackages,
  going: readonly string[],
  before: InstalledPackages,
): InstalledPackages {
  const kept = Object.entries(there).filter(([name]) => !going.includes(name));
  const configured = Object.entries(before).filter(([name]) => going.includes(name));
  return Object.fromEntries([...kept, ...configured]);
}

/** Packages that apt had installed for the sake of others are so again: naming them has marked them as wanted. */
function withMarks(
  there: InstalledPackages,
  {
    names,
    before,
    past,
  }: {
    readonly names: readonly string[];
    readonly before: InstalledPackages;
    readonly past: Past<PackageSetState>;
  },
): InstalledPackages {
  const outcomes = outcomesOf(past);
  const entries = Object.entries(there).map(([name, found]) => {
    const isOurs = names.includes(name) && outcomes.some((ours) => Object.hasOwn(ours, name));
    const isWrong = isOurs && before[name]?.mark === 'auto' && found.mark === 'manual';
    return [name, isWrong ? { ...found, mark: 'auto' } : found] as const;
  });
  return Object.fromEntries(entries);
}

function diffPackages(
  from: Target<PackageSetState>,
  to: Target<PackageSetState>,
): readonly Change[] {
  const { missing, surplus, marks } = packageChanges(from, to);
  return [
    ...missing.map((field) => ({ field, to: 'installed' })),
    ...surplus.map((field) => ({
      field,
      from: installedOf(from)[field]?.version ?? 'installed',
    })),
    ...marks.map((name) => ({ field: `mark of ${name}`, from: 'manual', to: 'auto' })),
  ];
}

function convergePackages(
  commands: PackageManager,
  from: Target<PackageSetState>,
  to: Target<PackageSetState>,
): Script {
  const { missing, surplus, marks } = packageChanges(from, to);
  if (missing.length + surplus.length + marks.length === 0) return lines();
  const halves = surplus.filter((name) => isBrokenOff(installedOf(from), name));
  const whole = surplus.filter((name) => !halves.includes(name));
  const removal = (names: readonly string[]): Removal => ({
    names,
    keepConfiguration: names.filter((name) => Object.hasOwn(installedOf(to), name)),
  });
  return lines(
    // Before anything is repaired, which would finish them.
    halves.length === 0 ? undefined : commands.discard?.(removal(halves)),
    to.kind === 'value' && to.value.repaired === true ? commands.repair : undefined,
    missing.length === 0 ? undefined : commands.install(missing),
    whole.length === 0 ? undefined : commands.remove(removal(whole)),
    marks.length === 0 ? undefined : sh`apt-mark auto -- ${marks}`,
  );
}

interface PackageChanges {
  readonly missing: readonly string[];
  /** What is to go, halves and configuration files included. */
  readonly surplus: readonly string[];
  /** Of these, apt shall know again that they are there for the sake of others. */
  readonly marks: readonly string[];
}

function packageChanges(
  from: Target<PackageSetState>,
  to: Target<PackageSetState>,
): PackageChanges {
  const [there, wanted] = [installedOf(from), installedOf(to)];
  const { lost, gained } = listChanges(usableOf(there), usableOf(wanted));
  const remains = Object.keys(there).filter(
    (name) =>
      (isBrokenOff(there, name) && !isBrokenOff(wanted, name) && !isInstalled(wanted, name)) ||
      (!isInstalled(there, name) && isThere(there, name) && !isThere(wanted, name)),
  );
  const isUnmarked = (name: string): boolean =>
    there[name]?.mark === 'manual' && wanted[name]?.mark === 'auto';
  return {
    missing: gained,
    surplus: [...lost, ...remains],
    marks: Object.keys(wanted).filter(isUnmarked),
  };
}

function usableOf(packages: InstalledPackages): readonly string[] {
  return Object.keys(packages).filter((name) => isInstalled(packages, name));
}

/** The versions that came with a change, by package. */
type Newcomers = Readonly<Record<string, string>>;

const newcomers = z.array(z.record(z.string(), z.string()));

function outcomesOf({ outcomes }: Past<PackageSetState>): readonly Newcomers[] {
  const parsed = newcomers.safeParse(outcomes);
  if (parsed.success) return parsed.data;
  throw forgedError('package-set', 'its outcomes are no versions of packages');
}

/** What can be used and could not, and what there is something of where there was nothing: a power cut leaves halves. */
function newcomersOf(there: InstalledPackages, before: InstalledPackages): InstalledPackages {
  return Object.fromEntries(
    Object.entries(there).filter(
      ([name]) =>
        (isInstalled(there, name) && !isInstalled(before, name)) ||
        (isBrokenOff(there, name) && !isBrokenOff(before, name)) ||
        (isThere(there, name) && !isThere(before, name)),
    ),
  );
}

/** What came with the set since the time before it; packages that somebody else installed meanwhile are not ours to remove. */
function cameWithSet({
  commands,
  names,
  there,
  past,
}: {
  readonly commands: PackageManager;
  readonly names: readonly string[];
  readonly there: InstalledPackages;
  readonly past: Past<PackageSetState>;
}): readonly string[] {
  if (past.before.kind === 'absent') return [];
  const outcomes = outcomesOf(past);
  const newcomers = newcomersOf(there, installedOf(past.before));
  const known = Object.keys(newcomers).filter((name) =>
    outcomes.some((ours) => Object.hasOwn(ours, name)),
  );
  // Of a change whose end was not seen, the package manager's own notes are all there is.
  const isWhole = outcomes.length > 0 && !past.interrupted;
  const ours = names.filter((name) => Object.hasOwn(newcomers, name));
  const guessed = isWhole || ours.length === 0 ? [] : commands.cameWith(ours, newcomers);
  return [...new Set([...known, ...guessed])];
}

function isOtherVersion(
  name: string,
  there: InstalledPackages,
  outcomes: readonly Newcomers[],
): boolean {
  const versions = outcomes.flatMap((ours) => ours[name] ?? []);
  return versions.length > 0 && !versions.includes(there[name]?.version ?? '');
}

/** Reads the section 'stays': a package and one that needs it on each line, parted by a tab. */
function parseRefusals(output: string): readonly (readonly [string, string])[] {
  return filledLines(parseSections(output).get('stays')).map((line) => {
    const [name = '', by = ''] = line.split('\t');
    return [name, by === '' ? 'the package manager does not give it' : `needed by ${by}`];
  });
}
