import { existsSync } from 'node:fs';

/** The package managers of machines that lvslab knows the packages of. */
export type MachinePackages = 'apt' | 'dnf' | 'pacman' | 'zypper';

/** A program that the embedded lab runs on this machine, and the package that brings it. */
export interface SystemTool {
  readonly program: string;
  /** Its package by package manager; not set where none is known. */
  readonly packages: Readonly<Partial<Record<MachinePackages, string>>>;
  /** Why the lab can't do without it. */
  readonly reason: string;
}

/** Every program that src/embedded runs and that a minimal system need not have. */
export const systemTools: readonly SystemTool[] = [
  tool('systemd-nspawn', 'runs the real servers and the client', {
    apt: 'systemd-container',
    dnf: 'systemd-container',
    pacman: 'systemd',
    zypper: 'systemd-container',
  }),
  tool('qemu-system-x86_64', 'runs the director where the kernel has no IPVS', {
    apt: 'qemu-system-x86',
    dnf: 'qemu-system-x86-core',
    pacman: 'qemu-system-x86',
    zypper: 'qemu-x86',
  }),
  tool('mmdebstrap', 'builds the root file system of the hosts', {
    apt: 'mmdebstrap',
    dnf: 'mmdebstrap',
  }),
  tool('apt-get', "fetches Debian's packages for the hosts", {
    apt: 'apt',
    dnf: 'apt',
    pacman: 'apt',
  }),
  tool('dpkg-deb', 'unpacks the kernel of the director', {
    apt: 'dpkg',
    dnf: 'dpkg',
    pacman: 'dpkg',
    zypper: 'dpkg',
  }),
  tool('cpio', 'packs the initial RAM disk of the director', 'cpio'),
  tool('mke2fs', 'makes the disk of the director', 'e2fsprogs'),
  tool('lz4', 'unpacks the kernel of the director', 'lz4'),
  tool('modprobe', 'loads IPVS, and indexes the modules of the director', 'kmod'),
  tool('ip', 'makes the networks of the lab', {
    apt: 'iproute2',
    dnf: 'iproute',
    pacman: 'iproute2',
    zypper: 'iproute2',
  }),
  tool('nc', 'carries SSH into the networks of the lab', {
    apt: 'netcat-openbsd',
    dnf: 'netcat',
    pacman: 'openbsd-netcat',
    zypper: 'netcat-openbsd',
  }),
  tool('ssh', 'reaches the hosts', {
    apt: 'openssh-client',
    dnf: 'openssh-clients',
    pacman: 'openssh',
    zypper: 'openssh-clients',
  }),
  tool('mount', 'gives each container its own layer over the image', {
    apt: 'mount',
    dnf: 'util-linux',
    pacman: 'util-linux',
    zypper: 'util-linux',
  }),
  tool('setsid', 'lets the hosts outlive the command that started them', 'util-linux'),
];

/** What a trace of an embedded lab needs beside them. */
export const traceTools: readonly SystemTool[] = [
  tool('tcpdump', 'listens at the ends of the cables', 'tcpdump'),
];

/** What fetches and unpacks images that are not lvslab's own. */
export const imageTools: readonly SystemTool[] = [
  tool('skopeo', 'fetches images out of registries', 'skopeo'),
  tool('umoci', 'unpacks images', 'umoci'),
];

function tool(
  program: string,
  reason: string,
  packages: string | SystemTool['packages'],
): SystemTool {
  const everywhere = (name: string): SystemTool['packages'] => ({
    apt: name,
    dnf: name,
    pacman: name,
    zypper: name,
  });
  return {
    program,
    reason,
    packages: typeof packages === 'string' ? everywhere(packages) : packages,
  };
}

const PROGRAMS: Readonly<Record<MachinePackages, readonly string[]>> = {
  // A machine may have apt beside its own package manager, for images like these.
  dnf: ['/usr/bin/dnf'],
  pacman: ['/usr/bin/pacman'],
  zypper: ['/usr/bin/zypper'],
  apt: ['/usr/bin/apt-get'],
};

/** This machine's own package manager; undefined where it is none that lvslab knows. */
export function machinePackages(exists = existsSync): MachinePackages | undefined {
  const known = Object.entries(PROGRAMS) as readonly (readonly [
    MachinePackages,
    readonly string[],
  ])[];
  // Debian has dnf as well, as a package like any other; what dpkg keeps its books of is a Debian.
  if (
    exists('/var/lib/dpkg/status') &&
    exists('/usr/bin/apt-get') &&
    !exists('/usr/lib/sysimage/rpm')
  ) {
    return 'apt';
  }
  return known.find(([, programs]) => programs.some((program) => exists(program)))?.[0];
}
