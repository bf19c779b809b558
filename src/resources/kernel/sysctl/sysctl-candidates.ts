import { renderTemplate } from '../../../templates.ts';
import {
  keysOf,
  kernelNumber,
  type SetAtBoot,
  setAtBoot,
  type SysctlSwitch,
} from './sysctl-boot.ts';
import { type SysctlFiles } from './sysctl-files.ts';
import { type SysctlLine } from './sysctl-writes.ts';

/** What is wanted of a kernel setting. */
export interface WantedSetting extends SysctlSwitch {
  readonly value: string;
  /** The kernel has it only once another resource, which comes before, is there. */
  readonly isLate?: boolean;
}

/** A file of ours, and what a boot makes of the settings with it. */
export interface SysctlCandidate {
  readonly path: string;
  readonly content: string;
  readonly outcome: readonly SetAtBoot[];
}

/** Where our file lies as long as that is behind all that contradicts it. */
export function usualPath(key: string): string {
  return `/etc/sysctl.d/99-zz-lvslab-${key}.conf`;
}

/** Behind whatever has a name in ASCII. */
export function lastPath(key: string): string {
  return `/etc/sysctl.d/~lvslab-${key}.conf`;
}

/** The texts of our file: one line, or one for each name that the setting has. */
export function contentsOf(wanted: WantedSetting): readonly string[] {
  const texts = [[wanted.key], keysOf(wanted)].map((keys) =>
    renderTemplate('sysctl.conf.hbs', { settings: keys.map((key) => `${key} = ${wanted.value}`) }),
  );
  return [...new Set(texts)];
}

/** The file that makes the boot bring what is wanted beside what others have; the last try where none does. */
export function chooseFile(wanted: WantedSetting, files: SysctlFiles): SysctlCandidate {
  const contents = contentsOf(wanted);
  const tries = [usualPath(wanted.key), lastPath(wanted.key)].flatMap((path) =>
    contents.map((content) => ({ path, content })),
  );
  const candidates = tries.map((one) => ({ ...one, outcome: bootWith(wanted, files, [one]) }));
  const right = candidates.find(({ outcome }) => contraryTo(wanted, outcome).length === 0);
  const last = right ?? candidates.at(-1);
  if (last === undefined) throw new RangeError('there is no file to choose from');
  return last;
}

/** What a boot makes of the settings with these files of ours. */
export function bootWith(
  wanted: WantedSetting,
  { lines, hasGlobs, firewall }: SysctlFiles,
  own: readonly { readonly path: string; readonly content: string }[],
): readonly SetAtBoot[] {
  const all = [...lines, ...own.flatMap(({ path, content }) => linesOf(path, content))];
  return setAtBoot(
    all.toSorted((a, b) => compareNames(a.file, b.file)),
    wanted,
    { reader: 'systemd-sysctl', hasGlobs },
    firewall,
  );
}

/** Those that are not as wanted. */
export function contraryTo(
  { value }: Pick<WantedSetting, 'value'>,
  outcome: readonly SetAtBoot[],
): readonly SetAtBoot[] {
  return outcome.filter((set) => set.value === undefined || !isSameValue(set.value, value));
}

/** '1' and '01' are the same to the kernel, and so are several numbers with blanks or tabs between. */
export function isSameValue(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => text.trim().replaceAll(/\s+/g, ' '));
  if (a === b) return true;
  const isNumber = [one, other].every((text) => /^\s*-?\w+\s*$/.test(text));
  return isNumber && kernelNumber(one) !== undefined && kernelNumber(one) === kernelNumber(other);
}

/** The lines of a text, with their places. */
export function linesOf(file: string, content: string): readonly SysctlLine[] {
  return content.split('\n').map((text, index) => ({ file, line: index + 1, text }));
}

function compareNames(a: string, b: string): number {
  const [one, other] = [a, b].map((path) => Buffer.from(path.slice(path.lastIndexOf('/') + 1)));
  return one === undefined || other === undefined ? 0 : Buffer.compare(one, other);
}
