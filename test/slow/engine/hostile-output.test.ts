import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJournal } from '../../../src/engine/journal/journal.ts';
import { parseJobs } from '../../../src/engine/detached/orphaned-jobs.ts';
import { sections } from '../../../src/engine/host/observe.ts';
import { JobFollower } from '../../../src/engine/detached/job-follower.ts';
import { parseFacts } from '../../../src/platforms/facts/parse-facts.ts';
import { hostileText, orLvslabError } from '../../support/hostile-input.ts';

const NONCE = 'n0nce';

describe('the fenced output of a hostile host', () => {
  test('gives parts whose statuses are small numbers', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const [part, { exitCode, output }] of sections(text, NONCE)) {
          expect(Number.isSafeInteger(part)).toBe(true);
          expect(typeof output).toBe('string');
          expect(exitCode).toBeGreaterThanOrEqual(0);
          expect(exitCode).toBeLessThan(1000);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the facts of a hostile host', () => {
  test('are facts, or an error that says so', () => {
    const names = [
      ...['os-release', 'centos-release', 'debian-version', 'kernel', 'architecture', 'boot-id'],
      ...['machine-id', 'hostname', 'links', 'addresses', 'default-routes', 'controller', 'ipvs'],
      ...['disks', 'clock', 'systemd', 'tools', 'selinux'],
    ];
    const bodies = fc.array(hostileText, { minLength: names.length, maxLength: names.length });
    fc.assert(
      fc.property(bodies, (texts) => {
        const printed = names.map(
          (name, i) => `${name}\n${(texts[i] ?? '').replaceAll(/^/gm, ' ')}\n`,
        );
        const facts = orLvslabError(() => parseFacts(printed.join('')));
        if (facts === undefined) return;
        expect(Number.isSafeInteger(facts.epochSeconds)).toBe(true);
        for (const free of facts.freeDiskKiB.values())
          expect(Number.isSafeInteger(free)).toBe(true);
      }),
    );
  });
});

/** As much as a host may print at all, in the shape that is the worst for the parser. */
const MOST = 8 * 1024 * 1024;

describe('as much as a host may print', () => {
  const fill = (piece: string): string => piece.repeat(Math.floor(MOST / piece.length));
  const follower = (): JobFollower =>
    new JobFollower(
      { host: 'a', play: 'p', steps: ['x'], commands: [''], onConfirm: () => undefined },
      { emit: () => undefined, clock: { elapsed: () => 0, date: () => new Date(0) } },
    );

  test.each<readonly [string, () => unknown]>([
    ['beginnings of parts', () => sections(fill(`${NONCE} begin 0\n`), NONCE)],
    [
      'beginnings of other parts',
      () => sections(fill(`${NONCE} begin 0\n${NONCE} end 1 0\n`), NONCE),
    ],
    ['parts', () => sections(fill(`${NONCE} begin 0\n\n${NONCE} end 0 0\n`), NONCE)],
    ['empty lines', () => sections(fill('\n'), NONCE)],
    ['journal lines', () => parseJournal(fill('x y\n'), 'v')],
    ['jobs', () => parseJobs(fill('job lives a.0 {}\n'))],
    ['events of a run', () => parseJobs(`boot x\nrun lives a.0 {}\n${fill('event begin 0\n')}`)],
    ['spaces of a run', () => parseJobs(`boot x\nrun ${fill(' ')}`)],
    ['holders', () => parseJobs(fill('by run=x\n'))],
    ['NICs', () => orLvslabError(() => parseFacts(nics()))],
    [
      'event lines in small pieces',
      () => {
        const one = follower();
        for (let i = 0; i < 200_000; i++) one.read('progress 0 1 2\n');
      },
    ],
    [
      'one event line in small pieces',
      () => {
        const one = follower();
        for (let i = 0; i < 200_000; i++) one.read('x'.repeat(40));
      },
    ],
  ])('is read in a moment: %s', (_name, read) => {
    const began = performance.now();
    read();
    // A second or two on an idle machine; whatever is quadratic takes minutes.
    expect(performance.now() - began).toBeLessThan(40_000);
  });
});

/** 100,000 NICs, each with an address. */
function nics(): string {
  const names = Array.from({ length: 100_000 }, (_, i) => `eth${i}`);
  const empty = ['os-release', 'centos-release', 'debian-version', 'kernel', 'architecture'];
  const others = ['boot-id', 'machine-id', 'hostname', 'default-routes', 'controller', 'ipvs'];
  const rest = ['disks', 'clock', 'systemd', 'tools', 'selinux'];
  return [
    ...[...empty, ...others, ...rest].map((name) => `${name}\n 1`),
    'links',
    ...names.map((name, i) => ` ${i}: ${name}: <UP> link/ether 00:00:00:00:00:00`),
    'addresses',
    ...names.map((name, i) => ` ${i}: ${name}    inet 10.0.0.1/24`),
    '',
  ].join('\n');
}
