import {
  dottedSysctl,
  normalSysctl,
  reaches,
  type SysctlLine,
  type SysctlReader,
  type SysctlWrite,
  writesOf,
} from './sysctl-writes.ts';

/** What a setting is once all files were applied. */
export interface SetAtBoot {
  /** With dots. */
  readonly name: string;
  /** Not set where no line sets it, and nobody knows what the kernel begins with. */
  readonly value?: string;
  /** The line that decides, be it by a value that the kernel refuses; not set where none does. */
  readonly by?: SysctlWrite;
}

/** A setting, and the NICs on which it must hold as well where each of them has its own. */
export interface SysctlSwitch {
  /** 'net.ipv4.ip_forward'. */
  readonly key: string;
  readonly nics: readonly string[];
}

/**
 * The settings, with slashes, that have a say in this one. Forwarding has two names for the whole host, which set
 * every NIC as well, and a NIC that comes later gets what `default` has.
 */
export function settingsBehind({ key, nics }: SysctlSwitch): readonly string[] {
  const setting = normalSysctl(key);
  const family = familyOf(setting);
  if (family !== undefined) {
    const members = nics.map((nic) => ofNic(family, nic));
    return [...new Set([setting, ...wholeHost(family), ofNic(family, 'default'), ...members])];
  }
  const [, head = '', tail = ''] = NIC_SETTING.exec(setting) ?? [];
  return head === '' ? [setting] : [setting, `${head}default${tail}`];
}

/** The switch for the whole host, and for each NIC, as keys with dots: what says it so that nothing is left to others. */
export function keysOf({ key, nics }: SysctlSwitch): readonly string[] {
  const family = familyOf(normalSysctl(key));
  if (family === undefined) return [key];
  const all = [...wholeHost(family), ...['default', ...nics].map((nic) => ofNic(family, nic))];
  return [...new Set([normalSysctl(key), ...all])].map(dottedSysctl);
}

/** Where the switch of each NIC is, with its name; none where NICs have none of their own. */
export function switchesOfNics({ key, nics }: SysctlSwitch): ReadonlyMap<string, string> {
  const family = familyOf(normalSysctl(key));
  if (family === undefined) return new Map();
  return new Map(nics.map((nic) => [nic, ofNic(family, nic)]));
}

/**
 * What these lines, in the order in which they are read, make of the setting and of the NICs' own.
 * @param later what procps applies once that is done.
 * @returns the setting itself first.
 */
export function setAtBoot(
  lines: readonly SysctlLine[],
  wanted: SysctlSwitch,
  reader: SysctlReader,
  later: readonly SysctlLine[] = [],
): readonly SetAtBoot[] {
  const setting = normalSysctl(wanted.key);
  const writes = [
    ...writesOf(lines, reader),
    ...writesOf(later, { ...reader, reader: 'sysctl --system' }),
  ];
  const family = familyOf(setting);
  if (family === undefined) return [plainAtBoot(setting, writes)];
  const valid = writes.flatMap((write) => {
    const number = kernelNumber(write.value);
    return number === undefined ? [] : [{ ...write, value: number }];
  });
  const begin = beginOf(writes, family);
  if (!wholeHost(family).includes(setting)) return [forwardsAtBoot(setting, family, valid, begin)];
  return [
    { name: wanted.key, ...(lastSet(valid, wholeHost(family)) ?? begin) },
    ...wanted.nics.map((nic) => forwardsAtBoot(ofNic(family, nic), family, valid, begin)),
  ];
}

/** As the kernel reads it: '1 # yes' is 1, '1# yes' and '' are errors that leave the setting alone. */
export function kernelNumber(text: string): string | undefined {
  const [, number] = /^\s*(-?(?:0x[\da-f]+|\d+))(?:\s|$)/i.exec(text) ?? [];
  return number === undefined ? undefined : String(Number(number));
}

const NIC_SETTING = /^(net\/ipv[46]\/(?:conf|neigh)\/)(?!all\/|default\/)[^/]+(\/\w+)$/;

type Family = 'ipv4' | 'ipv6';

/** Of which forwarding a setting is, if it is one. */
function familyOf(setting: string): Family | undefined {
  if (setting === 'net/ipv4/ip_forward') return 'ipv4';
  const [, family] = /^net\/(ipv[46])\/conf\/[^/]+\/forwarding$/.exec(setting) ?? [];
  return family === 'ipv4' || family === 'ipv6' ? family : undefined;
}

function wholeHost(family: Family): readonly string[] {
  return [...(family === 'ipv4' ? ['net/ipv4/ip_forward'] : []), ofNic(family, 'all')];
}

function ofNic(family: Family, nic: string): string {
  return `net/${family}/conf/${nic}/forwarding`;
}

function plainAtBoot(setting: string, writes: readonly SysctlWrite[]): SetAtBoot {
  const own = writes.findLast((write) => reaches(write, setting));
  const [, head = '', tail = ''] = NIC_SETTING.exec(setting) ?? [];
  const by = own ?? (head === '' ? undefined : lastThat(writes, `${head}default${tail}`));
  const value = by?.value.replaceAll(/\s+/g, ' ');
  return { name: dottedSysctl(setting), ...(by && { by }), ...(value !== undefined && { value }) };
}

function lastThat(writes: readonly SysctlWrite[], setting: string): SysctlWrite | undefined {
  return writes.findLast((write) => reaches(write, setting));
}

type Decided = Pick<SetAtBoot, 'value' | 'by'>;

/** The kernel begins with forwarding off; a line that takes the place of others, and that it refuses, leaves it so. */
function beginOf(writes: readonly SysctlWrite[], family: Family): Decided {
  const refused = writes.filter(({ value }) => kernelNumber(value) === undefined);
  const by = refused.findLast((write) => wholeHost(family).some((one) => reaches(write, one)));
  return { value: '0', ...(by && { by }) };
}

function lastSet(writes: readonly SysctlWrite[], settings: readonly string[]): Decided | undefined {
  const by = writes.findLast((write) => settings.some((setting) => reaches(write, setting)));
  return by && { value: by.value, by };
}

/**
 * A NIC's own forwarding. Whether it is there before the files are applied is chance: where it comes later, udev has the
 * lines about it applied once more. Of two ends that may be, the one that differs from the whole host's is told.
 */
function forwardsAtBoot(
  setting: string,
  family: Family,
  writes: readonly SysctlWrite[],
  begin: Decided,
): SetAtBoot {
  const name = dottedSysctl(setting);
  let all = begin;
  let [present, common] = [all, all];
  for (const write of writes) {
    const set = { value: write.value, by: write };
    if (wholeHost(family).some((one) => reaches(write, one)) && all.value !== write.value) {
      [all, present, common] = [set, set, set];
    }
    if (reaches(write, ofNic(family, 'default'))) common = set;
    if (reaches(write, setting)) present = set;
  }
  const again = lastThat(writes, setting);
  const late = again === undefined ? common : { value: again.value, by: again };
  return { name, ...(late.value === all.value ? present : late) };
}
