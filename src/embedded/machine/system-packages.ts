import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

import { throwIfCancelled } from '../../engine/model/cancellation.ts';
import { MissingOnControllerError } from '../../engine/model/errors.ts';
import { runProgram } from './programs.ts';

/** A program that the embedded lab runs on this machine, and the Debian package that brings it. */
export interface SystemTool {
  readonly program: string;
  readonly package: string;
  /** Why the lab can't do without it. */
  readonly reason: string;
}

/** Every program that src/embedded runs and that a minimal Debian need not have. */
const systemTools: readonly SystemTool[] = [
  tool('systemd-nspawn', 'systemd-container', 'runs the real servers and the client'),
  tool('qemu-system-x86_64', 'qemu-system-x86', 'runs the director where the kernel has no IPVS'),
  tool('mmdebstrap', 'mmdebstrap', 'builds the root file system of the hosts'),
  tool('cpio', 'cpio', 'packs the initial RAM disk of the director'),
  tool('mke2fs', 'e2fsprogs', 'makes the disk of the director'),
  tool('lz4', 'lz4', 'unpacks the kernel of the director'),
  tool('modprobe', 'kmod', 'loads IPVS, and indexes the modules of the director'),
  tool('ip', 'iproute2', 'makes the networks of the lab'),
  tool('nc', 'netcat-openbsd', 'carries SSH into the networks of the lab'),
  tool('ssh', 'openssh-client', 'reaches the hosts'),
  tool('mount', 'mount', 'gives each container its own layer over the image'),
  tool('setsid', 'util-linux', 'lets the hosts outlive the command that started them'),
];

/** What a trace of an embedded lab needs beside them. */
export const traceTools: readonly SystemTool[] = [
  tool('tcpdump', 'tcpdump', 'listens at the ends of the cables'),
];

/** The tools that this machine lacks; of those that every embedded lab needs, unless told. */
export function missingTools(tools = systemTools): readonly SystemTool[] {
  return tools.filter(({ program }) => !isInstalled(program));
}

/** Whether `installTools` can help: root, on a machine with apt. */
export function canInstallTools(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/**
 * Checks that an embedded lab can be made at all.
 * @throws MissingOnControllerError that says how to get what is missing.
 */
export function requireRootAndTools(): void {
  requireRoot();
  const missing = missingTools();
  if (missing.length === 0) return;
  const list = missing.map(({ program, reason }) => `${program} (${reason})`).join(', ');
  throw new MissingOnControllerError(`programs are missing on this machine: ${list}`, {
    step: 'embedded lab',
    hint: `Install them with \`${installCommand(missing).join(' ')}\`.`,
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

/** The command line that installs the packages of these tools. */
export function installCommand(tools: readonly SystemTool[]): readonly string[] {
  const packages = [...new Set(tools.map((missing) => missing.package))].sort();
  return ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages];
}

/**
 * Installs the packages of these tools from the machine's own mirrors. The signal ends the downloads; what is being
 * unpacked comes to its end, for half of it would leave this machine's dpkg in need of repair.
 * @throws EmbeddedLabError, CancelledError
 */
export async function installTools(
  tools: readonly SystemTool[],
  { signal, onLine }: { readonly signal?: AbortSignal; readonly onLine?: (line: string) => void },
): Promise<void> {
  const step = 'install system packages';
  const options = {
    step,
    hint: 'Check the network and /etc/apt, then try again.',
    ...(onLine === undefined ? {} : { onLine }),
  };
  const install = ['env', 'DEBIAN_FRONTEND=noninteractive', ...installCommand(tools)];
  await runProgram(['apt-get', 'update'], { ...options, signal });
  await runProgram([...install, '--download-only'], { ...options, signal });
  await runProgram(install, options);
  if (signal !== undefined) throwIfCancelled(signal, { step });
}

function tool(program: string, packageName: string, reason: string): SystemTool {
  return { program, package: packageName, reason };
}

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
