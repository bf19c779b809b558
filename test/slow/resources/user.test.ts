import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { absent, type Past } from '../../../src/engine/model/resource.ts';
import { type UserState } from '../../../src/resources/accounts/user.ts';
import { user } from '../../../src/index.ts';
import {
  convergeFor,
  driftFor,
  makeFor,
  observeFor,
  type Stage,
} from '../../support/run-resource.ts';

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

  /** The files in the order in which groupadd and useradd write them, each beside and then in its place. */
  const written = ['group', 'gshadow', 'passwd', 'shadow'];

  test.each(written.flatMap((_file, done) => [[done, false] as const, [done, true] as const]))(
    'a creation that is cut off after %i files (the next one half written: %s) is finished, or taken back',
    (done, isHalf) => {
      execFileSync('sh', ['-c', 'sed -i /^lvslab-web:/d "$0"/group "$0"/gshadow', etc]);
      const before = database();
      makeFor(account, stage);
      const whole = database();
      const cutOff = (): void => {
        for (const [i, name] of ['passwd', 'shadow', 'group', 'gshadow'].entries()) {
          const isWritten = written.indexOf(name) < done;
          writeFileSync(path.join(etc, name), (isWritten ? whole : before)[i] ?? '');
        }
        if (isHalf) writeFileSync(path.join(etc, `${written[done] ?? ''}+`), 'root:x');
      };
      const temporary = (): readonly string[] =>
        readdirSync(etc).filter((name) => name.endsWith('+'));
      const past: Past<UserState> = {
        before: absent,
        specs: [],
        outcomes: [],
        interrupted: false,
        unmade: true,
      };

      cutOff();
      convergeFor(account, account.aim(observeFor(account, stage), past), stage);
      expect(database()).toEqual(whole);
      expect(temporary()).toEqual([]);
      expect(
        account.diff(observeFor(account, stage), account.aim(observeFor(account, stage))),
      ).toEqual([]);

      cutOff();
      const found = observeFor(account, stage);
      const back = account.undo?.aim?.(found, past, new Map()) ?? found;
      expect(back).toEqual(absent);
      convergeFor(account, back, stage);
      expect(database()).toEqual(before);
      expect(temporary()).toEqual([]);
    },
  );

  test('an account of others stays, whatever it lacks, where a change of its shell was cut off', () => {
    writeFileSync(
      path.join(etc, 'passwd'),
      'root:x:0:0:root:/root:/bin/sh\nlvslab-web:x:876:876::/srv:/bin/sh\n',
    );
    const before = observeFor(account, stage);
    expect(before).toMatchObject({ kind: 'value', value: { halves: ['shadow'] } });
    const past: Past<UserState> = {
      before,
      specs: [],
      outcomes: [],
      interrupted: false,
      unmade: true,
    };
    convergeFor(account, account.aim(before, past), stage);
    expect(readFileSync(path.join(etc, 'passwd'), 'utf8')).toContain(
      'lvslab-web:x:876:876::/srv:/usr/sbin/nologin\n',
    );
    expect(observeFor(account, stage)).toMatchObject({ value: { halves: ['shadow'] } });
  });

  test('an entry that somebody else left by half stays as it is', () => {
    writeFileSync(path.join(etc, 'gshadow'), 'root:*::\nlast:!::\n');
    writeFileSync(path.join(etc, 'shadow+'), 'root:x');
    makeFor(account, stage);
    expect(driftFor(account, stage)).toEqual([]);
    expect(readFileSync(path.join(etc, 'gshadow'), 'utf8')).toBe('root:*::\nlast:!::\n');
  });

  function setUserGroups(enabled: string): void {
    const file = path.join(etc, 'login.defs');
    const text = readFileSync(file, 'utf8').replaceAll(/^USERGROUPS_ENAB.*$/gm, '');
    writeFileSync(file, `${text}\nUSERGROUPS_ENAB ${enabled}\n`);
  }
});
