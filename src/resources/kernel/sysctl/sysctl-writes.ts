import { matchesGlob } from './match-glob.ts';

/** One line of a file that sets kernel settings. */
export interface SysctlLine {
  /** Absolute path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** A value that goes into a kernel setting. */
export interface SysctlWrite {
  readonly file: string;
  readonly line: number;
  /** With slashes; a pattern is one of several settings. */
  readonly key: string;
  readonly value: string;
  /** Settings that a pattern leaves out. */
  readonly except: readonly string[];
}

/** Which program applies the files. */
export interface SysctlReader {
  readonly reader: 'systemd-sysctl' | 'sysctl --system';
  /** Whether it knows patterns; one that doesn't takes them for names that are not there. */
  readonly hasGlobs: boolean;
}

/** 'net.ipv4.conf.ens33/20.forwarding' → 'net/ipv4/conf/ens33.20/forwarding': the first separator tells which way it is written. */
export function normalSysctl(key: string): string {
  const [first] = /[./]/.exec(key) ?? [];
  if (first !== '.') return key;
  return key.replaceAll(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/** The same with dots, as `sysctl` prints it. */
export function dottedSysctl(setting: string): string {
  return setting.replaceAll(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}

/** What a program writes to the kernel after it has read these lines, in the order that it writes. */
export function writesOf(
  lines: readonly SysctlLine[],
  { reader, hasGlobs }: SysctlReader,
): readonly SysctlWrite[] {
  const assignments = lines.flatMap(assignmentIn).filter(({ key }) => hasGlobs || !isGlob(key));
  if (reader === 'sysctl --system') {
    // Only what is named for that alone stays out of the patterns; what comes last wins.
    const except = assignments.filter(({ value }) => value === undefined).map(({ key }) => key);
    return assignments.flatMap((assignment) => asWrite(assignment, except));
  }
  const kept = new Map<string, Assignment>();
  for (const assignment of assignments) {
    const known = kept.get(assignment.key);
    // What says the same again leaves the earlier one in its place.
    if (known !== undefined && known.value === assignment.value) continue;
    kept.delete(assignment.key);
    kept.set(assignment.key, assignment);
  }
  const names = [...kept.keys()].filter((key) => !isGlob(key));
  return [...kept.values()].flatMap((assignment) => asWrite(assignment, names));
}

/** Whether a line may have a say in one of these settings, be it only by keeping a pattern from it. */
export function concerns(line: SysctlLine, settings: readonly string[]): boolean {
  return assignmentIn(line).some(({ key }) =>
    settings.some((setting) => matchesSetting(key, setting)),
  );
}

/** Whether a write reaches a setting. */
export function reaches({ key, except }: SysctlWrite, setting: string): boolean {
  return matchesSetting(key, setting) && !(isGlob(key) && except.includes(setting));
}

interface Assignment extends Pick<SysctlWrite, 'file' | 'line' | 'key'> {
  /** Not set where the line only takes the setting out of the patterns. */
  readonly value?: string;
}

function asWrite(
  { value, ...assignment }: Assignment,
  except: readonly string[],
): readonly SysctlWrite[] {
  return value === undefined ? [] : [{ ...assignment, value, except }];
}

function assignmentIn({ file, line, text: raw }: SysctlLine): readonly Assignment[] {
  const text = raw.trim();
  if (text === '' || /^[#;]/.test(text)) return [];
  const equals = text.indexOf('=');
  const name = (equals < 0 ? text : text.slice(0, equals)).trim();
  const place = { file, line, key: normalSysctl(name.replace(/^-\s*/, '')) };
  if (equals >= 0) return [{ ...place, value: text.slice(equals + 1).trim() }];
  return name.startsWith('-') ? [place] : [];
}

function isGlob(key: string): boolean {
  return /[*?[]/.test(key);
}

/** Part by part: a star goes no further than the next slash. */
function matchesSetting(pattern: string, setting: string): boolean {
  if (!isGlob(pattern)) return pattern === setting;
  const [patterns, parts] = [pattern.split('/'), setting.split('/')];
  return (
    patterns.length === parts.length &&
    patterns.every((part, index) => matchesGlob(part, parts[index] ?? ''))
  );
}
