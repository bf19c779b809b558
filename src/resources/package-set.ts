import { type Change, type Resource, type Target, value } from '../engine/resource.ts';
import { trusted } from '../engine/script.ts';
import { type PackageManager, type Platform } from '../platforms/platform.ts';
import {
  type InstalledPackages,
  isInstalled,
  parseInstalledPackages,
} from './installed-packages.ts';
import { type PackageCommands, packageCommands } from './package-managers.ts';

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
export function packagesBy({
  packageManager,
  names,
}: {
  readonly packageManager: PackageManager;
  readonly names: readonly string[];
}): Resource<PackageSetState> {
  const commands = packageCommands[packageManager];
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
      const surplus = surplusOf({ commands, names, there, to }).map((field) => ({
        field,
        from: there[field]?.version ?? 'installed',
      }));
      return [...missing, ...surplus];
    },
    converge(from, to) {
      const there = installedOf(from);
      const missing = missingOf(there, to);
      if (missing.length > 0) return commands.install(missing);
      const surplus = surplusOf({ commands, names, there, to });
      if (surplus.length === 0) return trusted('');
      const before = installedOf(to);
      return commands.remove({
        names: surplus,
        keepConfiguration: surplus.filter((name) => name in before),
      });
    },
  };
}

function installedOf(state: Target<PackageSetState>): InstalledPackages {
  return state.kind === 'value' && state.value.kind === 'host' ? state.value.installed : {};
}

function missingOf(there: InstalledPackages, to: Target<PackageSetState>): readonly string[] {
  const wanted = to.kind === 'value' && to.value.kind === 'wanted' ? to.value.names : [];
  return wanted.filter((name) => !isInstalled(there, name));
}

/** What came with our set since `to`; packages that somebody else installed meanwhile are not ours to remove. */
function surplusOf({
  commands,
  names,
  there,
  to,
}: {
  readonly commands: PackageCommands;
  readonly names: readonly string[];
  readonly there: InstalledPackages;
  readonly to: Target<PackageSetState>;
}): readonly string[] {
  if (to.kind !== 'value' || to.value.kind !== 'host') return [];
  const before = to.value.installed;
  const newcomers = Object.fromEntries(
    Object.entries(there).filter(
      ([name]) => isInstalled(there, name) && !isInstalled(before, name),
    ),
  );
  const ours = names.filter((name) => name in newcomers);
  return ours.length === 0 ? [] : commands.cameWith(ours, newcomers);
}
