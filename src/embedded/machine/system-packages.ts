import { accessSync, constants } from 'node:fs';
import path from 'node:path';

import { throwIfCancelled } from '../../engine/model/failures/cancellation.ts';
import { MissingOnControllerError } from '../../engine/model/failures/errors.ts';
import { runProgram } from './programs.ts';
import {
  type MachinePackages,
  machinePackages,
  systemTools,
  type SystemTool,
} from './system-tools.ts';

/** The tools that this machine lacks; of those that every embedded lab needs, unless told. */
export function missingTools(tools = systemTools): readonly SystemTool[] {
  return tools.filter(({ program }) => !isInstalled(program));
}

/** Whether `installTools` can help: root, on a machine whose package manager has them all. */
export function canInstallTools(tools: readonly SystemTool[]): boolean {
  return process.getuid?.() === 0 && installCommand(tools) !== undefined;
}

/**
 * Checks that an embedded lab can be made at all.
 * @throws MissingOnControllerError that says how to get what is missing.
 */
export function requireRootAndTools(): void {
  requireRoot();
  requireTools(systemTools);
}

/**
 * Checks that these programs are there.
 * @throws MissingOnControllerError that says how to get what is missing.
 */
export function requireTools(tools: readonly SystemTool[]): void {
  const missing = missingTools(tools);
  if (missing.length === 0) return;
  const list = missing.map(({ program, reason }) => `${program} (${reason})`).join(', ');
  throw new MissingOnControllerError(`programs are missing on this machine: ${list}`, {
    step: 'embedded lab',
    hint: howToInstall(missing),
  });
}

/**
 * Checks that this is root, to whom all embedded labs belong.
 * @throws MissingOnControllerError
 */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new MissingOnControllerError('this needs root', {
    step: 'embedded lab',
    hint: 'Run it as root with `sudo lvslab …`.',
  });
}

const INSTALL: Readonly<Record<MachinePackages, readonly string[]>> = {
  apt: ['apt-get', 'install', '--yes', '--no-install-recommends'],
  dnf: ['dnf', 'install', '--assumeyes', '--setopt=install_weak_deps=False'],
  pacman: ['pacman', '--sync', '--needed', '--noconfirm'],
  zypper: ['zypper', '--non-interactive', 'install', '--no-recommends'],
};

/** The command line that installs the packages of these tools; undefined where one has none that lvslab knows. */
export function installCommand(
  tools: readonly SystemTool[],
  manager = machinePackages(),
): readonly string[] | undefined {
  if (manager === undefined) return undefined;
  const packages = tools.map(({ packages: known }) => known[manager]);
  const names = packages.filter((name) => name !== undefined);
  if (names.length < packages.length) return undefined;
  return [...INSTALL[manager], ...[...new Set(names)].sort()];
}

/** What to do about programs that are missing, as a sentence. */
export function howToInstall(tools: readonly SystemTool[], manager = machinePackages()): string {
  if (manager === undefined) {
    return `Install them with this machine's own package manager: its names for their packages are not known to lvslab.`;
  }
  const named = tools.filter(({ packages }) => packages[manager] !== undefined);
  const unnamed = tools.filter(({ packages }) => packages[manager] === undefined);
  const command = installCommand(named, manager)?.join(' ') ?? '';
  const install = named.length === 0 ? [] : [`Install them with \`${command}\`.`];
  const others = unnamed.map(({ program }) => program).join(', ');
  const beside =
    unnamed.length === 0
      ? []
      : [
          `In no package of ${manager} that lvslab knows: ${others}; install that from its sources.`,
        ];
  return [...install, ...beside].join(' ');
}

/**
 * Installs the packages of these tools from the machine's own mirrors. The signal ends the downloads; what is being
 * unpacked comes to its end, for half of it would leave this machine's package manager in need of repair.
 * @throws EmbeddedLabError, CancelledError, MissingOnControllerError where their packages are not known
 */
export async function installTools(
  tools: readonly SystemTool[],
  { signal, onLine }: { readonly signal?: AbortSignal; readonly onLine?: (line: string) => void },
): Promise<void> {
  const step = 'install system packages';
  const command = installCommand(tools);
  if (command === undefined) {
    throw new MissingOnControllerError('the packages of what is missing here are not known', {
      step,
      hint: howToInstall(tools),
    });
  }
  const options = {
    step,
    hint: "Check the network and this machine's package sources, then try again.",
    ...(onLine === undefined ? {} : { onLine }),
  };
  const install = ['env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  for (const prepare of PREPARE[machinePackages() ?? 'apt'](install)) {
    await runProgram(prepare, { ...options, signal });
  }
  await runProgram(install, options);
  if (signal !== undefined) throwIfCancelled(signal, { step });
}

type Argv = readonly string[];

/** What can be interrupted: getting the lists of packages, and the packages themselves. */
const PREPARE: Readonly<Record<MachinePackages, (install: Argv) => readonly Argv[]>> = {
  apt: (install) => [
    ['apt-get', 'update'],
    [...install, '--download-only'],
  ],
  dnf: (install) => [[...install, '--downloadonly']],
  pacman: (install) => [[...install, '--refresh', '--downloadonly']],
  zypper: (install) => [[...install, '--download-only']],
};

// The folders of system programs, not PATH: an ordinary user's PATH often lacks the sbin ones.
function isInstalled(program: string): boolean {
  return ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].some(
    (folder) => {
      try {
        accessSync(path.join(folder, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    },
  );
}
