import { printJournalLine } from '../../../src/engine/journal/journal-line.ts';

const ESC = '\u001B[2J\u001B]0;owned\u0007\u001B[31m';

/** A journal as printed on a host, with a version line before it; each line's checksum is right. */
function journalOf(...lines: readonly unknown[]): string {
  // What is forged is no line: that is the point.
  return ['1 2', ...lines.map((line) => printJournalLine(line as never)), ''].join('\n');
}

const time = '2024-01-01T00:00:00.000Z';
const play = { name: 'make a page', after: [] };
const absent = { kind: 'absent' };

/** The lines that make an entry of one resource. */
function entry(id: unknown, spec: unknown, before: unknown = absent): readonly unknown[] {
  return [
    { type: 'first', id, before, play, run: 'r', time },
    { type: 'made', id, spec, playbook: 'beside an evil host', run: 'r', time },
  ];
}

const page = { path: '/usr/local/page', content: 'x', mode: '0644', owner: 'root', group: 'root' };

/** Journals whose lines are no lines of a journal. */
export const shapelessJournal = journalOf(
  null,
  0,
  'text',
  true,
  [],
  {},
  { type: null },
  { type: 'first' },
  { type: 'first', id: 1, before: null, play: null },
  { type: 'first', id: 'a', before: { kind: 'value' }, play: { name: 1, after: 'x' } },
  { type: 'made', id: 'a', spec: null, playbook: {} },
  { type: 'made', id: 'a', spec: { kind: 1 }, playbook: 'p' },
  { type: 'released', ids: null },
  { type: 'released', ids: 'abc' },
  { type: 'began', ids: 7 },
  { type: 'ended' },
  { type: 'run', run: {}, time: [], by: 1 },
  ...entry('file /a', { kind: 'file', args: null }),
  ...entry('file /b', 'file'),
  ...entry('file /c', ['file']),
  JSON.parse('{"type":"first","id":"__proto__","__proto__":{"id":"x"}}'),
);

/** Entries whose specs, or former states, no resource can be made of. */
export const hostileSpecsJournal = journalOf(
  ...entry('file /a', { kind: 'file', args: {} }),
  ...entry('file /b', { kind: 'file', args: { ...page, path: 7 } }),
  ...entry('file /c', { kind: 'file', args: { ...page, path: '../../etc/passwd' } }),
  ...entry('file /d', { kind: 'file', args: { ...page, path: '/a\0b' } }),
  ...entry('file /e', { kind: 'file', args: { ...page, content: ['x'], mode: '$(id)' } }),
  ...entry('file /f', { kind: 'file', args: page }, { kind: 'value', value: null }),
  ...entry('file /g', { kind: 'file', args: page }, { kind: 'value', value: { mode: 7 } }),
  ...entry('file /h', { kind: 'file', args: page }, { kind: 'nothing' }),
  ...entry('x', { kind: 'no-such-kind', args: {} }),
  ...entry('y', { kind: '__proto__', args: {} }),
  ...entry('z', { kind: 'constructor', args: {} }),
  ...[
    ...['config-key', 'directory', 'host-route', 'ipvs-rules-file', 'ipvs-table', 'kernel-module'],
    ...['network-interface', 'nginx-build', 'package-set', 'selinux', 'service', 'sysctl'],
    ...['unit-file', 'user', 'yum-repository', 'absent-file'],
  ].flatMap((kind) => [
    ...entry(`${kind} 1`, { kind, args: {} }),
    ...entry(`${kind} 2`, { kind, args: null }),
    ...entry(`${kind} 3`, { kind, args: [1, 2] }),
    ...entry(`${kind} 4`, { kind, args: { name: { toString: 1 }, path: '\n', service: 'x' } }),
  ]),
);

/** An entry that could be true, but for its name. */
export const hostileIdsJournal = journalOf(
  ...entry(`file ${ESC}\r\n/etc/passwd`, { kind: 'file', args: { ...page, path: `/a${ESC}` } }),
  ...entry('\u0000\u0008\u009B2J', { kind: 'directory', args: { path: '/a\nb' } }),
  ...entry('\u202Egnp.exe', { kind: 'directory', args: { path: '/b' } }),
);

/** More lines than any lab has. */
export const longJournal = journalOf(
  ...Array.from({ length: 20_000 }, (_, i) => ({ type: 'ended', id: `x${i}`, run: 'r', time })),
);

/** A file that lies on no lab's host, as one line. */
export const hugeLineJournal = journalOf(
  ...entry('file /huge', {
    kind: 'file',
    args: { path: '/huge', content: 'x'.repeat(10_000_000), mode: '0644' },
  }),
);

const BOOT = 'boot 11111111-2222-3333-4444-555555555555';
const about = {
  play: 'make a page',
  steps: ['file /a', 'file /b'],
  owner: 'mallory',
  controller: 'far away',
  since: time,
  boot: 'x',
};

/** What is told of jobs: by the text that stands for what their controller had written about them. */
function jobsOf(...printed: readonly string[]): string {
  return [BOOT, ...printed, ''].join('\n');
}

/** Jobs whose descriptions are no descriptions, and whose events are none. */
export const shapelessJobs = jobsOf(
  'job lives a.0 null',
  'job ended b.1 7',
  'job lives c.2 "text"',
  'job ended d.3 []',
  'job lives e.4 {}',
  `job ended f.5 ${JSON.stringify({ ...about, steps: 'abc' })}`,
  `job lives g.6 ${JSON.stringify({ ...about, steps: { length: 1e9 } })}`,
  `job ended h.7 ${JSON.stringify({ ...about, owner: { a: 1 }, since: -1 })}`,
  `job ended i.99999999999999999999 ${JSON.stringify(about)}`,
  'event begin 99999',
  'event begin -1',
  'event begin NaN',
  'event progress 0 NaN Infinity',
  'event progress 0 1e999 -5',
  'event end 7 0',
  'event end 0 99999999999 ????',
  'event end',
  'event confirm 0 ../../../x 1e12',
  'job',
  'job lives',
  'job lives ../../../etc.0 {}',
);

/** A job that goes on, as far as the host says, whenever it is asked. */
export const endlessJob = jobsOf(
  `job lives abc.0 ${JSON.stringify({ ...about, owner: ESC, play: `\r${ESC}` })}`,
  'event begin 0',
);

/** Somebody who holds the lock, and whose name would paint the screen. */
export const paintedHolder = [
  `by owner=${ESC}root`,
  'by controller=\r\u0008\u009B2Jhere',
  `by run=x'; touch /tmp/evil #${ESC}`,
  `by since=${'9'.repeat(100_000)}`,
].join('\n');

/** Event lines that no run has ever told; '' in between. */
export const forgedEvents = [
  'begin 0',
  'begin 99999',
  'begin -1',
  'begin 1e400',
  'progress 0 NaN 0',
  'progress 0 999999999999999999999 -1',
  'progress 7 1 2',
  'end 99999 0',
  'end 0.5 0',
  'end -1 1 !!!!',
  'confirm 0 ../../x 99999999999999',
  'confirm 0 change-that-was-never-made -5',
  'confirm 0 change-that-was-never-made NaN',
  'confirm 1 $(id)`id` 1',
  'reverted 99',
  'reverted NaN',
  `${ESC} 0`,
  '__proto__ 0',
  'constructor',
  'done done done',
].join('\n');

/** Escape sequences, a NUL, a byte that is no UTF-8, and characters that turn the direction of writing. */
export const hostileText = Buffer.concat([
  Buffer.from(`${ESC}\r\u0008\u009B2J\u202E\u0000`),
  Buffer.from([0xff, 0xfe, 0xc3]),
]);
