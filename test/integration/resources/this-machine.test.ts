import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { describe, expect, test } from '@jest/globals';

import { packageSet, user } from '../../../src/index.ts';
import { factsScript } from '../../../src/platforms/facts/facts-script.ts';
import { parseFacts } from '../../../src/platforms/facts/parse-facts.ts';
import { driftFor, observeFor } from '../../support/run-resource.ts';
import { debian } from '../../support/samples/sample-platforms.ts';

// Reading only: what a script finds on the machine that runs the test.
describe.each(['sh', 'bash'])('through %s', (shell) => {
  test('the facts are this machine’s', () => {
    const { stdout, status } = spawnSync(shell, ['-s'], {
      input: factsScript.text,
      encoding: 'utf8',
      env: {},
    });
    const facts = parseFacts(stdout);
    expect(status).toBe(0);
    expect(facts).toMatchObject({
      kernel: os.release(),
      hostname: os.hostname(),
      architecture: os.machine(),
    });
    expect(Math.abs(facts.epochSeconds - Date.now() / 1000)).toBeLessThan(60);
    expect(facts.freeDiskKiB.get('/')).toBeGreaterThan(0);
  });

  test('a user is there, or is not, which is no error', () => {
    const root = user({ name: 'root', shell: '/bin/sh' });
    expect(observeFor(root, { shell })).toMatchObject({ kind: 'value', value: { uid: '0' } });
    const nobody = user({ name: 'lvslab-nobody-has-this', shell: '/bin/sh' });
    expect(observeFor(nobody, { shell })).toEqual({ kind: 'absent' });
  });
});

const hasDpkg = spawnSync('dpkg-query', ['--version']).status === 0;
(hasDpkg ? describe : describe.skip)('dpkg', () => {
  test('lists what is installed, and only that counts', () => {
    const set = packageSet(debian, ['dpkg', 'lvslab-no-such-package']);
    const changes = driftFor(set);
    expect(changes).toEqual([{ field: 'lvslab-no-such-package', to: 'installed' }]);
  });
});
