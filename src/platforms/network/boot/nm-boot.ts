import { type Observed, unknown, value } from '../../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../../engine/model/shell/script.ts';
import { onceForAll } from '../../../engine/model/shell/shared-shell.ts';
import { filledLines, parseSections, section } from '../../sections.ts';
import { isDefault, type NmProfile, readKeyfile } from '../formats/nm-profile.ts';
import { bestRoute } from './best-route.ts';
import { type BootConflict, type BootRoute, type BootView, type LinkKind } from './boot-view.ts';
import { type HostNic, hostNics, observeNics } from './host-nics.ts';
import { type ListedFile, parseListed, showFiles } from './listed-files.ts';
import { observeActive } from './nm-active.ts';
import { garbled, insecure, isFor, isRead } from './nm-refused.ts';

const FOLDERS = {
  own: '/etc/NetworkManager/system-connections',
  // Of those in memory, only netplan's are made again at boot.
  netplan: '/run/NetworkManager/system-connections',
  shipped: '/usr/lib/NetworkManager/system-connections',
} as const;

/** NetworkManager gives the first NIC this metric, and the next ones higher numbers. */
const FIRST_METRIC = 100;

/** A profile that is there at boot. */
interface BootProfile extends NmProfile {
  readonly file: string;
  /** Seconds since 1970 when it was last active; 0 for never. */
  readonly timestamp: number;
}

/** What NetworkManager makes of a NIC at boot. */
export interface NmBoot extends BootView {
  /** The profile that wins; not set where NetworkManager makes one of its own, or none. */
  readonly profile?: BootProfile;
  /** The others that are for this NIC as well, and that start by themselves. */
  readonly beaten: readonly BootProfile[];
  /** Other NICs that it wins for as well. */
  readonly rivals: readonly string[];
}

/** Profiles in other forms than keyfiles, as NetworkManager tells them. */
const otherProfiles =
  trusted(`LC_ALL=C.UTF-8 nmcli -t -f UUID,FILENAME connection show 2>/dev/null |
  while IFS=: read -r uuid file; do
    case $file in '' | */system-connections/*) continue ;; esac
    printf 'file %s\\n' "$(printf %s "$file" | base64 -w0)"
    nmcli -t -f connection,802-3-ethernet,ipv4 connection show uuid "$uuid" </dev/null 2>/dev/null |
      sed 's/^/line /'
  done`);

/** Shell that prints all profiles that NetworkManager will find at boot. Read back with `nmAtBoot`. */
export const observeNm: Script = onceForAll(
  'nm',
  lines(
    showFiles,
    section(
      'files',
      sh`lvslab_show ${FOLDERS.own}/* ${FOLDERS.netplan}/netplan-* ${FOLDERS.shipped}/*.nmconnection`,
    ),
    section('others', otherProfiles),
    section('active', observeActive),
    section('timestamps', sh`cat /var/lib/NetworkManager/timestamps 2>/dev/null`, {
      mayFail: true,
    }),
    observeNics,
  ),
);

/** Reads what `observeNm` printed for this device. */
export function nmAtBoot(output: string, device: string): Observed<NmBoot> {
  const sections = parseSections(output);
  const listed = parseListed(sections.get('files'));
  if (listed.kind === 'unknown') return listed;
  if (listed.kind === 'absent' || !sections.has('nics'))
    return unknown('the profiles were not told');
  return value(
    nmViewOf(listed.value, {
      device,
      nics: hostNics(sections),
      ...nmBeside(sections.get('others'), sections.get('timestamps')),
    }),
  );
}

/** Reads what `observeNm` printed of profiles in other forms than keyfiles, and of when profiles were last active. */
export function nmBeside(
  others?: string,
  timestamps?: string,
): Required<Pick<KnownBeside, 'others' | 'timestamps'>> {
  return { others: profilesTold(others), timestamps: timestampsIn(timestamps) };
}

/** What is known beside the keyfiles. */
export interface KnownBeside {
  readonly device: string;
  readonly nics: readonly HostNic[];
  readonly others?: readonly BootProfile[];
  readonly timestamps?: ReadonlyMap<string, number>;
}

/** What NetworkManager makes of a NIC out of these keyfiles. */
export function nmViewOf(
  files: readonly ListedFile[],
  { device, nics, others = [], timestamps = new Map() }: KnownBeside,
): NmBoot {
  const nic = { device, mac: nics.find((one) => one.device === device)?.mac ?? '' };
  const usable = files.filter(isRead);
  const profiles = [
    ...usable.flatMap((file): readonly BootProfile[] => {
      const { profile } = readKeyfile(file.text);
      const timestamp = timestamps.get(profile.uuid) ?? 0;
      return [{ ...profile, file: file.path, timestamp }];
    }),
    ...others,
  ];
  const visible = profiles.filter(
    (profile, index) =>
      profile.uuid === '' || profiles.findIndex(({ uuid }) => uuid === profile.uuid) === index,
  );
  const winners = new Map(
    [...new Set([device, ...nics.map((nic) => nic.device)])].map((name) => [
      name,
      forNic(visible, { device: name, mac: nics.find((nic) => nic.device === name)?.mac ?? '' }),
    ]),
  );
  const [profile, ...beaten] = winners.get(device) ?? [];
  const rivals = [...winners].flatMap(([name, [winner]]) =>
    profile !== undefined && name !== device && winner === profile ? [name] : [],
  );
  const best = bestRoute(
    [...winners].flatMap(([name, [winner]]) =>
      winner === undefined || (winner === profile && name !== device) ? [] : routesOf(winner, name),
    ),
    FIRST_METRIC,
  );
  return {
    ...best,
    ...viewOf(profile),
    ...(profile !== undefined && { profile }),
    beaten,
    rivals,
    conflicts: [
      ...insecure(files, nic),
      ...garbled(files, nic),
      ...tied(device, profile, beaten),
      ...contested(profile, rivals),
      ...best.conflicts,
    ],
  };
}

/** Whether NetworkManager takes a file of that name for a profile, and trusts it. */
/** Those that start by themselves on this NIC, the one that wins first. */
function forNic(profiles: readonly BootProfile[], nic: HostNic): readonly BootProfile[] {
  return profiles
    .filter((profile) => profile.autoconnect && isFor(profile, nic))
    .toSorted((a, b) => b.priority - a.priority || b.timestamp - a.timestamp);
}

function routesOf(profile: BootProfile, device: string): readonly BootRoute[] {
  const { gateway, gatewayLine = -1, file, neverDefault, method, routeMetric } = profile;
  if (neverDefault || ['disabled', 'link-local'].includes(method)) return [];
  const metric = routeMetric === undefined ? {} : { metric: routeMetric };
  const own =
    gateway === undefined ? [] : [{ device, gateway, file, line: gatewayLine + 1, ...metric }];
  return [
    ...own,
    ...profile.routes.filter(isDefault).map((route) => ({
      device,
      file,
      line: route.line + 1,
      ...(route.gateway !== undefined && { gateway: route.gateway }),
      ...metric,
      ...(route.metric !== undefined && { metric: route.metric }),
    })),
  ];
}

function viewOf(
  profile: BootProfile | undefined,
): Pick<BootView, 'comesUp' | 'dhcp' | 'addresses' | 'link' | 'master' | 'nameServers'> {
  if (profile === undefined) {
    return { comesUp: false, dhcp: false, addresses: [], link: 'plain', nameServers: [] };
  }
  const { method, addresses, file, type, master, dns } = profile;
  const kinds: readonly LinkKind[] = ['bridge', 'bond', 'vlan'];
  return {
    comesUp: true,
    dhcp: method === 'auto',
    addresses: ['auto', 'manual', 'shared'].includes(method)
      ? addresses.map(({ target, line }) => ({ address: target, file, line: line + 1 }))
      : [],
    link: kinds.find((kind) => kind === type) ?? 'plain',
    ...(master !== undefined && { master }),
    nameServers: dns,
  };
}

/** Two that have never been told apart. */
function tied(
  device: string,
  profile: BootProfile | undefined,
  beaten: readonly BootProfile[],
): readonly BootConflict[] {
  return beaten
    .filter(
      ({ priority, timestamp }) =>
        priority === profile?.priority && timestamp === profile.timestamp,
    )
    .map(({ file }) => ({
      file,
      line: 0,
      why: `it is for ${device}, as ${profile?.file ?? ''} is, with the same priority; which one wins is chance`,
      hint: 'Give one of them a higher connection.autoconnect-priority, or autoconnect=false.',
    }));
}

/** A profile is active on one NIC at a time. */
function contested(
  profile: BootProfile | undefined,
  rivals: readonly string[],
): readonly BootConflict[] {
  if (profile === undefined || rivals.length === 0) return [];
  return [
    {
      file: profile.file,
      line: 0,
      why: `it is for ${rivals.join(', ')} as well; which of them gets it is chance`,
      hint: 'Give it a connection.interface-name.',
    },
  ];
}

function timestampsIn(text = ''): ReadonlyMap<string, number> {
  return new Map(
    filledLines(text).flatMap((line) => {
      const [, uuid, seconds] = /^([0-9a-f-]{36})=(\d{1,12})$/.exec(line.trim()) ?? [];
      return uuid === undefined ? [] : [[uuid, Number(seconds)] as const];
    }),
  );
}

/** What nmcli tells of a profile, written as a keyfile and read as one; its lines are not those of its file. */
function profilesTold(output = ''): readonly BootProfile[] {
  return output
    .split(/^file /m)
    .slice(1)
    .map((part) => {
      const [name = '', ...told] = filledLines(part);
      const fields = new Map(
        told.flatMap((line) => {
          const [, key, text = ''] = /^line ([\w.-]+):(.*)$/.exec(line) ?? [];
          return key === undefined
            ? []
            : [[key, text.replaceAll(/\\([:\\])/g, '$1').trim()] as const];
        }),
      );
      const { profile } = readKeyfile(asKeyfile(fields));
      return {
        ...profile,
        file: Buffer.from(name, 'base64').toString('utf8'),
        timestamp: Number(fields.get('connection.timestamp') ?? 0) || 0,
        ...(profile.gatewayLine !== undefined && { gatewayLine: -1 }),
        addresses: profile.addresses.map((entry) => ({ ...entry, line: -1 })),
        routes: profile.routes.map((entry) => ({ ...entry, line: -1 })),
      };
    });
}

function asKeyfile(fields: ReadonlyMap<string, string>): string {
  const list = (key: string): readonly string[] =>
    (fields.get(key) ?? '').split(/[,;]\s*/).filter((item) => item !== '' && item !== '--');
  const section = (name: string, from: string, keys: readonly string[]): readonly string[] => [
    `[${name}]`,
    ...keys.flatMap((key) => {
      const found = fields.get(`${from}.${key}`) ?? '';
      return found === '' || found === '--' ? [] : [`${key}=${found}`];
    }),
  ];
  return [
    ...section('connection', 'connection', [
      ...['id', 'uuid', 'type', 'interface-name', 'autoconnect', 'autoconnect-priority', 'master'],
    ]),
    ...section('ethernet', '802-3-ethernet', ['mac-address']),
    ...section('ipv4', 'ipv4', ['method', 'gateway', 'never-default', 'route-metric']),
    ...list('ipv4.addresses').map((address, index) => `address${index + 1}=${address}`),
    `dns=${list('ipv4.dns')
      .map((server) => `${server};`)
      .join('')}`,
    '',
  ].join('\n');
}
