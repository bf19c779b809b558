import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { absent } from '../../src/engine/model/resource.ts';
import { user } from '../../src/index.ts';
import { convergeFor, driftFor, makeFor, observeFor, type Stage } from '../support/run-resource.ts';

const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

/** The real tools on accounts of the test's own: a folder in the place of /etc, for one process alone. */
(canMount ? describe : describe.skip)('an account, through the real useradd and userdel', () => {
  const account = user({ name: 'lvslab-web', shell: '/usr/sbin/nologin' });
  let etc = '';
  let stage: Stage = {};

  beforeEach(() => {
    etc = mkdtempSync(path.join(os.tmpdir(), 'lvslab-etc-'));
    for (const name of ['nsswitch.conf', 'login.defs', 'pam.d', 'security', 'default']) {
      cpSync(path.join('/etc', name), path.join(etc, name), { recursive: true, force: true });
    }
    mkdirSync(path.join(etc, 'skel'));
    for (const [name, text] of Object.entries({
      passwd: 'root:x:0:0:root:/root:/bin/sh\n',
      shadow: 'root:*:19000:0:99999:7:::\n',
      group: 'root:x:0:\nlvslab-web:x:876:\nlast:x:900:\n',
      gshadow: 'root:*::\nlvslab-web:!::\nlast:!::\n',
    })) {
      writeFileSync(path.join(etc, name), text);
    }
    const inside = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc && exec "$@"', etc];
    stage = { inside };
  });

  afterEach(() => {
    rmSync(etc, { recursive: true, force: true });
  });

  const database = (): readonly string[] =>
    ['passwd', 'shadow', 'group', 'gshadow'].map((name) =>
      readFileSync(path.join(etc, name), 'utf8'),
    );

  test.each(['yes', 'no'])('a group that was there stays (USERGROUPS_ENAB %s)', (enabled) => {
    setUserGroups(enabled);
    const before = observeFor(account, stage);
    const files = database();
    expect(before).toEqual({ kind: 'value', value: { ownGroup: '876' } });
    makeFor(account, stage);
    expect(driftFor(account, stage)).toEqual([]);
    convergeFor(account, before, stage);
    expect(account.diff(observeFor(account, stage), before)).toEqual([]);
    expect(database()).toEqual(files);
  });

  test.each(['yes', 'no'])('a group made with it goes with it (USERGROUPS_ENAB %s)', (enabled) => {
    setUserGroups(enabled);
    execFileSync('sh', ['-c', 'sed -i /^lvslab-web:/d "$0"/group "$0"/gshadow', etc]);
    const files = database();
    expect(observeFor(account, stage)).toEqual(absent);
    makeFor(account, stage);
    convergeFor(account, absent, stage);
    expect(account.diff(observeFor(account, stage), absent)).toEqual([]);
    expect(database()).toEqual(files);
  });

  test('what was interrupted between account and group is finished', () => {
    expect(account.diff({ kind: 'value', value: { ownGroup: '876' } }, absent)).toEqual([
      { field: 'group', from: '876' },
    ]);
    convergeFor(account, absent, stage);
    expect(observeFor(account, stage)).toEqual(absent);
    convergeFor(account, { kind: 'value', value: { ownGroup: '877' } }, stage);
    expect(observeFor(account, stage)).toEqual({ kind: 'value', value: { ownGroup: '877' } });
  });

  function setUserGroups(enabled: string): void {
    const file = path.join(etc, 'login.defs');
    const text = readFileSync(file, 'utf8').replaceAll(/^USERGROUPS_ENAB.*$/gm, '');
    writeFileSync(file, `${text}\nUSERGROUPS_ENAB ${enabled}\n`);
  }
});
