import { createHash } from 'node:crypto';
import { snapshotDifferences } from '../../../support/lab/host-snapshot.ts';
import { PACKAGED_PAGE } from './tiny-release.ts';
import { type WatchedRun } from '../course/watched-run.ts';

/** What a host looks like before lvslab and after it, when nothing goes wrong; and what was seen of the runs. */
export interface Reference {
  readonly fresh: string;
  readonly applied: string;
  readonly apply: WatchedRun;
  readonly teardown: WatchedRun;
}

/** What differs between any two runs, and says nothing about them. */
const passing = [
  // lvslab's own book tells of every run.
  /^[-+] file \/var\/lib\/lvslab\/journal (content|\d)/,
  // A note that leads to no file any more (or else it is a leftover): the power went right behind the file's new name, and the
  // next change takes it away.
  /^[-+] file \/var\/lib\/lvslab\/unfinished l /,
  // Started when somebody asks, ended when nobody does.
  /^[-+] active polkit\.service$/,
  // Only a boot starts it: an apply gives the tunnel its address itself. Once it is not wanted any more, it is a leftover.
  /^[-+] active lvslab-tunnel-[\d-]+\.service$/,
  // The number of a process.
  /^[-+] file \/usr\/local\/nginx\/logs\/nginx\.pid content /,
];

/** The lines in which a host is not as it should be. */
export function deviations(wanted: string, found: string): readonly string[] {
  return snapshotDifferences(withoutOnlink(wanted), withoutOnlink(found)).filter(
    (line) => !passing.some((expression) => expression.test(line)),
  );
}

/** At boot, ifupdown sets a route without asking whether its gateway is on the segment, and the kernel notes that. */
function withoutOnlink(snapshot: string): string {
  return snapshot.replaceAll(/^(route .*) onlink$/gm, '$1');
}

/** A file that a run writes, and the contents that it may have at any moment; '' is for no file. */
export interface GuardedFile {
  readonly path: string;
  readonly contents: readonly string[];
}

/** The files that lvslab writes: those that differ between the host as it was and as it is made. */
export function guardedFiles({ fresh, applied }: Reference): readonly GuardedFile[] {
  const [before, after] = [contentsOf(fresh), contentsOf(applied)];
  const paths = deviations(fresh, applied).flatMap(
    (line) => /^[-+] file (.*) content /.exec(line)?.[1] ?? [],
  );
  return [...new Set(paths)].map((path) => ({
    path,
    contents: [before.get(path) ?? '', after.get(path) ?? '', ...(between[path] ?? [])],
  }));
}

/** The switch of ipvsadm's service as Debian's package brings it, before lvslab turns it. */
const PACKAGED_SWITCH = [
  '# ipvsadm',
  '',
  '# if you want to start ipvsadm on boot set this to true',
  'AUTO="false"',
  '',
  '# daemon method (none|master|backup)',
  'DAEMON="none"',
  '',
  '# use interface (eth0,eth1...)',
  'IFACE="eth0"\t',
  '',
  '# syncid to use ',
  '# (0 means no filtering of syncids happen, that is the default)',
  '# SYNCID="0"',
  '',
  '',
].join('\n');

/**
 * The build says with an empty stamp that it is running; `make install` brings a page of its own; a teardown takes its
 * key out of the switch before the package takes the file along.
 */
const between: Readonly<Record<string, readonly string[]>> = {
  '/usr/local/nginx/.lvslab-build': [sha256('')],
  '/etc/default/ipvsadm': [
    sha256(PACKAGED_SWITCH),
    sha256(PACKAGED_SWITCH.replace('AUTO="false"\n', '')),
  ],
  '/usr/local/nginx/html/index.html': [sha256(PACKAGED_PAGE), ''],
};

/** Shell that prints the contents of these files, as `guardedFiles` names them. */
export function printContents(files: readonly GuardedFile[]): string {
  return files
    .map(
      ({ path }) =>
        `printf '%s %s\\n' "$(sha256sum 2>/dev/null <'${path}' | cut -c1-64)" '${path}'`,
    )
    .join('\n');
}

/** The files of which there is neither the old nor the new content, but something else. */
export function halfFiles(files: readonly GuardedFile[], printed: string): readonly string[] {
  const found = new Map(
    printed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
  );
  const isBuilding = found.get('/usr/local/nginx/.lvslab-build') === sha256('');
  return files
    .filter(({ path, contents }) => !contents.includes(found.get(path) ?? ''))
    .map(({ path }) => path)
    .filter((path) => !(isBuilding && path === '/usr/local/nginx/sbin/nginx'));
}

/** The content that each file of a snapshot has, by its path. */
function contentsOf(snapshot: string): ReadonlyMap<string, string> {
  return new Map(
    [...snapshot.matchAll(/^file (.*) content ([\da-f]{64})$/gm)].map(
      ([, path = '', hash = '']) => [path, hash],
    ),
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
