import { describe, expect, test } from '@jest/globals';

import { type Observed, type Past, type Target } from '../../../src/engine/model/resource.ts';
import { type PackageSetState, packagesBy } from '../../../src/resources/packages/package-set.ts';

const resource = packagesBy({ packageManager: 'apt', names: ['make'] });

/** A host with these packages: NAME, or NAME and the state that dpkg tells. */
function host(packages: readonly string[], auto: readonly string[] = []): Target<PackageSetState> {
  const rows = packages.map((text) => {
    const [name = '', status = 'installed'] = text.split(' ');
    return ` ${name}\t1.0\t${status}\n`;
  });
  const names = auto.map((name) => ` ${name}\n`);
  const output = `packages\n${rows.join('')}auto\n${names.join('')} \n`;
  const found: Observed<PackageSetState> = resource.parse(output);
  if (found.kind === 'unknown') throw new Error(found.reason);
  return found;
}

/** What a teardown takes away. */
function taken(
  now: Target<PackageSetState>,
  past: Pick<Past<PackageSetState>, 'before'> & Partial<Past<PackageSetState>>,
): readonly string[] {
  const whole = { specs: [], outcomes: [], interrupted: true, ...past };
  const to = resource.undo?.aim?.(now, whole, new Map());
  if (to === undefined) throw new Error('no way back');
  return resource.diff(now, to).map(({ field }) => field);
}

describe('what a power cut leaves of packages', () => {
  const before = host(['bash']);

  test.each(['half-installed', 'unpacked', 'half-configured', 'config-files'])(
    'is taken away where an installation of ours was broken off: %s',
    (status) => {
      expect(taken(host(['bash', `make ${status}`]), { before })).toEqual(['make']);
      const outcomes = [{ make: '1.0' }];
      expect(taken(host(['bash', `make ${status}`]), { before, outcomes })).toEqual(['make']);
    },
  );

  test('is taken away with what it had come for', () => {
    const now = host(['bash', 'make half-configured', 'libc6-dev unpacked'], ['libc6-dev']);
    expect(taken(now, { before })).toEqual(['make', 'libc6-dev']);
  });

  test('goes where there was its configuration, which stays', () => {
    const then = host(['bash', 'make config-files']);
    const now = host(['bash', 'make half-configured']);
    expect(taken(now, { before: then })).toEqual(['make']);
    const script = resource.converge(now, then).text;
    expect(script).toContain('--remove -- make');
    expect(script).not.toContain('purge');
  });

  test.each(['half-configured', 'config-files'])(
    'stays where it was so before, or is of packages that are none of ours: %s',
    (status) => {
      const then = host(['bash', `make ${status}`]);
      expect(taken(then, { before: then })).toEqual([]);
      expect(taken(host(['bash', 'make', `htop ${status}`]), { before })).toEqual(['make']);
    },
  );
});
