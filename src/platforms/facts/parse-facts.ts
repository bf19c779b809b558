import { ObserveError } from '../../engine/model/failures/errors.ts';
import { type Facts, type KernelSupport, type NetworkInterface } from './facts.ts';
import { parseListeners } from './listeners.ts';
import { parseAssignments } from '../shell-assignments.ts';
import { parseOwners } from '../network/owners/nic-owner.ts';
import { filledLines, parseSections } from '../sections.ts';

/**
 * Reads what `factsScript` printed.
 * @throws ObserveError when it is not the script's output.
 */
export function parseFacts(output: string): Facts {
  const sections = parseSections(output);
  const read = (name: string): string => {
    const content = sections.get(name);
    if (content !== undefined) return content.trim();
    throw new ObserveError(`the host told no '${name}'`, {
      step: 'facts',
      hint: 'lvslab needs a POSIX shell, coreutils, sed and awk on the host.',
    });
  };
  const os = new Map(parseAssignments(read('os-release')));
  return {
    osId: os.get('ID') ?? '',
    osVersion: os.get('VERSION_ID') ?? '',
    ...platformIdOf(os),
    osName: os.get('PRETTY_NAME') ?? os.get('NAME') ?? 'an unnamed system',
    release: releaseOf(read('centos-release'), read('debian-version')),
    kernel: read('kernel'),
    architecture: read('architecture'),
    bootId: read('boot-id'),
    machineId: read('machine-id'),
    hostname: read('hostname'),
    interfaces: parseInterfaces(read('links'), read('addresses')),
    nicOwners: parseOwners(sections.get('nic-owners') ?? ''),
    defaultRoutes: filledLines(read('default-routes')).map((line) => line.trim()),
    ...controllerOf(filledLines(read('controller'))),
    ipvs: asKernelSupport(read('ipvs')),
    ...ipvsModulesOf(filledLines(sections.get('ipvs-modules'))),
    ...(sections.has('ipip') && { ipip: asKernelSupport(read('ipip')) }),
    ...(sections.has('listeners') && {
      listeners: parseListeners(filledLines(sections.get('listeners'))),
    }),
    freeDiskKiB: new Map(filledLines(read('disks')).flatMap(parseDisk)),
    epochSeconds: secondsOf(read('clock')),
    systemd: read('systemd') === 'yes',
    tools: new Set(filledLines(read('tools'))),
    selinux: read('selinux') === 'yes',
  };
}

function platformIdOf(os: ReadonlyMap<string, string>): Pick<Facts, 'platformId'> {
  const platformId = os.get('PLATFORM_ID');
  return platformId === undefined ? {} : { platformId };
}

/** 'CentOS Linux release 7.5.1804 (Core)' → '7.5.1804'; Stream 8 has no point releases, and a name of its own in the archive. */
function releaseOf(centos: string, debian: string): string {
  if (/^CentOS Stream release 8\b/.test(centos)) return '8-stream';
  return /release\s+([\d.]+)/.exec(centos)?.[1] ?? debian;
}

/** A busy host of containers has some hundreds. */
const MOST_NICS = 4000;

function tooMany(count: number): ObserveError {
  return new ObserveError(
    `the host tells of ${count} NICs; more than ${MOST_NICS} are not looked through`,
    {
      step: 'facts',
      hint: 'Look at what `ip -o link` prints on that host.',
    },
  );
}

/** From `ip -o link` and `ip -o -4 addr`, since EL7's ip doesn't speak JSON. */
function parseInterfaces(links: string, addresses: string): readonly NetworkInterface[] {
  const found = new Map<string, string[]>();
  for (const line of filledLines(addresses)) {
    const [, device, address] = /^\d+:\s+(\S+)\s+inet\s+([\d.]+\/\d+)/.exec(line.trim()) ?? [];
    if (device === undefined || address === undefined) continue;
    const known = found.get(device);
    if (known === undefined) found.set(device, [address]);
    else known.push(address);
  }
  const lines = filledLines(links);
  if (lines.length > MOST_NICS) throw tooMany(lines.length);
  return lines.flatMap((line) => {
    const match = /^\d+:\s+([^:@\s]+)(?:@\S+)?:\s+<([^>]*)>/.exec(line.trim());
    const [, device, flags = ''] = match ?? [];
    if (device === undefined || flags.split(',').includes('LOOPBACK')) return [];
    return [
      {
        device,
        mac: /link\/ether\s+(\S+)/.exec(line)?.[1] ?? '',
        up: flags.split(',').includes('UP'),
        addresses: found.get(device) ?? [],
      },
    ];
  });
}

/** From the address, the route to it, and all routes that lead there. */
function controllerOf([address = '', way = '', ...routes]: readonly string[]): Pick<
  Facts,
  'controller' | 'controllerDevice'
> {
  const [, controllerDevice] = /\sdev\s+(\S+)/.exec(way) ?? [];
  const known = controllerDevice === undefined ? {} : { controllerDevice };
  const [, gateway, device] = /\svia\s+([\d.]+)\s+dev\s+(\S+)/.exec(way) ?? [];
  const hasOther = routes.some(
    (route) => !['default', address].includes(route.split(/\s/)[0] ?? ''),
  );
  if (gateway === undefined || device === undefined || hasOther) return known;
  return { ...known, controller: { address, gateway, device } };
}

/** Up to the year 33658, as a number that stays exact. */
function secondsOf(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new ObserveError(`the host's clock says '${text.slice(0, 40)}'`, {
    step: 'facts',
    hint: 'Look at what `date +%s` prints on that host.',
  });
}

function asKernelSupport(word: string): KernelSupport {
  return word === 'loaded' || word === 'loadable' ? word : 'missing';
}

function ipvsModulesOf([isWhole, ...modules]: readonly string[]): Pick<
  Facts,
  'ipvsModules' | 'markingModules'
> {
  if (isWhole !== 'all') return {};
  const isIpvs = (name: string): boolean => name.startsWith('ip_vs_');
  return {
    ipvsModules: new Set(modules.filter(isIpvs)),
    markingModules: new Set(modules.filter((name) => !isIpvs(name))),
  };
}

function parseDisk(line: string): readonly (readonly [string, number])[] {
  const [folder, free] = line.trim().split(' ');
  return folder !== undefined && free !== undefined && /^\d{1,15}$/.test(free)
    ? [[folder, Number(free)]]
    : [];
}
