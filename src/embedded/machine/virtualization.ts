import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { type Script, sh } from '../../engine/model/shell/script.ts';
import { askProgram } from './programs.ts';
import { measureSlowness } from '../readiness/slowness.ts';

/** What runs the instructions of a virtual machine: the processor, or QEMU's emulator. */
export type Accelerator = 'kvm' | 'tcg';

/** Something that this machine can do or can't, and how that was found out. */
export interface Verdict {
  readonly usable: boolean;
  readonly reason: string;
}

/** What the driver of the director depends on. */
export interface Virtualization {
  /** Whether containers can use IPVS. */
  readonly ipvs: Verdict;
  /** Whether KVM really runs a guest. */
  readonly kvm: Verdict;
}

/** Finds out what this machine can run; the answer about KVM is kept in the cache folder until the next boot. */
export async function probeVirtualization(
  cache: string,
  signal?: AbortSignal,
): Promise<Virtualization> {
  const [ipvs, kvm] = await Promise.all([probeIpvs(signal), probeKvm(cache, signal)]);
  return { ipvs, kvm };
}

const IPVS_MODULES = ['ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_lc', 'ip_vs_wlc', 'ip_vs_sh'];

/** Loads IPVS where it is a module: a container can't do that itself. */
async function probeIpvs(signal?: AbortSignal): Promise<Verdict> {
  if (!existsSync('/proc/net/ip_vs')) {
    await askProgram(['modprobe', '-qa', ...IPVS_MODULES], { signal });
  }
  return existsSync('/proc/net/ip_vs')
    ? { usable: true, reason: 'the kernel of this machine has IPVS' }
    : { usable: false, reason: 'the kernel of this machine has no IPVS' };
}

/** Makes the device in every network namespace there is and will be, where it is for others than the first one as well. */
const TUNNEL = '/proc/sys/net/ipv4/conf/tunl0';
const FIRST_ONLY = '/proc/sys/net/core/fb_tunnels_only_for_init_net';

/** Whether containers can be the end of an IPIP tunnel; loads the module where there is one. */
export async function probeIpip(signal?: AbortSignal): Promise<Verdict> {
  if (!existsSync(TUNNEL)) await askProgram(['modprobe', '-q', 'ipip'], { signal });
  if (!existsSync(TUNNEL)) {
    return { usable: false, reason: 'the kernel of this machine has no ipip' };
  }
  const only = await readFile(FIRST_ONLY, 'utf8').catch(() => '0');
  return only.trim() === '0'
    ? { usable: true, reason: 'the kernel of this machine has ipip' }
    : { usable: false, reason: 'the kernel of this machine has ipip, but not for containers' };
}

const cachedVerdict = z.object({ bootId: z.string(), usable: z.boolean(), reason: z.string() });

async function probeKvm(cache: string, signal?: AbortSignal): Promise<Verdict> {
  if (!existsSync('/dev/kvm')) return { usable: false, reason: 'there is no /dev/kvm' };
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const file = path.join(cache, 'kvm-verdict.json');
  const known = await readVerdict(file);
  if (known?.bootId === bootId) return { usable: known.usable, reason: known.reason };
  const usable = await runsGuest(['-accel', 'kvm', '-cpu', 'host'], cache, signal);
  const reason = usable
    ? 'KVM ran a test guest'
    : '/dev/kvm is there, but a test guest did not run on it';
  await writeFile(`${file}.half`, JSON.stringify({ bootId, usable, reason }));
  await rename(`${file}.half`, file);
  return { usable, reason };
}

async function readVerdict(file: string): Promise<z.infer<typeof cachedVerdict> | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return cachedVerdict.safeParse(JSON.parse(text)).data;
}

/**
 * A boot sector: mov dx,0x501 · mov al,0x10 · out dx,al · hlt. Writing 0x10 to QEMU's debug-exit device ends QEMU with
 * exit status 0x21, which nothing but a guest that ran can bring about.
 */
const BOOT_SECTOR = Buffer.alloc(512);
Buffer.from([0xba, 0x01, 0x05, 0xb0, 0x10, 0xee, 0xf4]).copy(BOOT_SECTOR);
BOOT_SECTOR.set([0x55, 0xaa], 510);
const GUEST_RAN = 0x21;

/** What a guest that runs needs far less of, in seconds: a busy machine gives it more time for that, not more of it. */
const GUEST_SECONDS = 10;

/**
 * Whether QEMU, with these arguments, boots a guest that runs at least its firmware and a boot sector.
 * @throws CancelledError
 */
export async function runsGuest(
  accelerator: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const disk = path.join(folder, `probe-${process.pid}.img`);
  await writeFile(disk, BOOT_SECTOR);
  const limitMs = GUEST_SECONDS * 1000 * (await measureSlowness(signal));
  const qemu = [
    ...['qemu-system-x86_64', '-machine', 'pc', ...accelerator],
    ...['-m', '32', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-device', 'isa-debug-exit,iobase=0x501'],
    ...['-drive', `file=${disk},format=raw,if=ide,snapshot=on`],
  ];
  const bounded = ['sh', '-c', boundedGuest(qemu).text];
  try {
    return (await askProgram(bounded, { signal, limitMs })).exitCode === GUEST_RAN;
  } finally {
    await rm(disk, { force: true });
  }
}

/** Shell that runs a guest which ends soon, however it fares. */
export function boundedGuest(qemu: readonly string[]): Script {
  return sh`ulimit -t ${GUEST_SECONDS}; exec ${qemu}`;
}
