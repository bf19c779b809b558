import { matchesGlob } from '../formats/netplan-files.ts';
import { type ListedFile } from './listed-files.ts';

/** A value that goes into a kernel setting. */
export interface SysctlWrite {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** With slashes; a pattern is one of several settings. */
  readonly key: string;
  readonly value: string;
}

/** 'net.ipv4.conf.ens33/20.forwarding' → 'net/ipv4/conf/ens33.20/forwarding': the first separator tells which way it is written. */
export function normalSysctl(key: string): string {
  const [first] = /[./]/.exec(key) ?? [];
  if (first !== '.') return key;
  return key.replaceAll(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/**
 * What a program writes to the kernel after it has read these files, in the order that it writes.
 * @param hasGlobs whether it knows patterns; one that doesn't takes them for names that are not there.
 */
export function writesOf(
  files: readonly ListedFile[],
  {
    reader,
    hasGlobs,
  }: { readonly reader: 'systemd-sysctl' | 'sysctl --system'; readonly hasGlobs: boolean },
): readonly SysctlWrite[] {
  const assignments = files.flatMap(assignmentsIn).filter(({ key }) => hasGlobs || !isGlob(key));
  const kept = reader === 'sysctl --system' ? assignments : lastOfEach(assignments);
  // A setting with a line of its own is no matter of patterns, wherever those stand.
  const names = assignments.map(({ key }) => key).filter((key) => !isGlob(key));
  return kept.flatMap((assignment) =>
    asWrite({ ...assignment, except: isGlob(assignment.key) ? names : [] }),
  );
}

/** Of each key the last; what says the same again leaves the earlier one in its place. */
function lastOfEach(assignments: readonly Assignment[]): readonly Assignment[] {
  const kept = new Map<string, Assignment>();
  for (const assignment of assignments) {
    const known = kept.get(assignment.key);
    if (known !== undefined && known.value === assignment.value) continue;
    kept.delete(assignment.key);
    kept.set(assignment.key, assignment);
  }
  return [...kept.values()];
}

/** The last write that reaches a setting. */
export function writtenTo(
  key: string,
  writes: readonly (SysctlWrite & { readonly except?: readonly string[] })[],
): SysctlWrite | undefined {
  const direct = writes.findLast((write) =>
    sameSwitches(key).some(
      (name) => matchesPath(write.key, name) && write.except?.includes(name) !== true,
    ),
  );
  if (direct !== undefined) return direct;
  // A NIC that comes up gets what `default` has.
  const ofNic = /^(net\/ipv[46]\/(?:conf|neigh)\/)(?!all\/|default\/)[^/]+(\/\w+)$/.exec(key);
  return ofNic === null
    ? undefined
    : writtenTo(`${ofNic[1] ?? ''}default${ofNic[2] ?? ''}`, writes);
}

interface Assignment {
  readonly file: string;
  readonly line: number;
  readonly key: string;
  /** Not set where the line only takes the setting out of the patterns. */
  readonly value?: string;
  readonly except?: readonly string[];
}

function asWrite(assignment: Assignment): readonly SysctlWrite[] {
  const { value } = assignment;
  return value === undefined ? [] : [{ ...assignment, value }];
}

function assignmentsIn({ path, text }: ListedFile): readonly Assignment[] {
  return text.split('\n').flatMap((raw, index): readonly Assignment[] => {
    const line = raw.trim();
    if (line === '' || /^[#;]/.test(line)) return [];
    const equals = line.indexOf('=');
    const name = (equals < 0 ? line : line.slice(0, equals)).trim();
    const place = { file: path, line: index + 1, key: normalSysctl(name.replace(/^-\s*/, '')) };
    if (equals >= 0) return [{ ...place, value: line.slice(equals + 1).trim() }];
    return name.startsWith('-') ? [place] : [];
  });
}

function isGlob(key: string): boolean {
  return /[*?[]/.test(key);
}

/** Part by part: a star goes no further than the next slash. */
function matchesPath(pattern: string, key: string): boolean {
  if (!isGlob(pattern)) return pattern === key;
  const [patterns, parts] = [pattern.split('/'), key.split('/')];
  return (
    patterns.length === parts.length &&
    patterns.every((part, index) => matchesGlob(part, parts[index] ?? ''))
  );
}

/** Forwarding has two names for the whole host, and both of them set every NIC. */
function sameSwitches(key: string): readonly string[] {
  const all = ['net/ipv4/ip_forward', 'net/ipv4/conf/all/forwarding'];
  const isForwarding = all.includes(key) || /^net\/ipv4\/conf\/[^/]+\/forwarding$/.test(key);
  return isForwarding ? [key, ...all] : [key];
}
