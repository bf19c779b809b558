import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { absentFile, configKey, directory, file, ipvsRulesFile } from '../../../src/index.ts';
import { absent, type Resource } from '../../../src/engine/model/resource.ts';
import { restoreExtended } from '../../../src/resources/files/extended-attributes.ts';
import { convergeFor, makeFor, observeFor, undoTo } from '../../support/run-resource.ts';

const me = {
  owner: execFileSync('id', ['-un'], { encoding: 'utf8' }).trim(),
  group: execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim(),
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "lvslab it's "));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** There, nothing left to change, and back to what was, with nothing else in the folder touched. */
function expectRoundTrip(resource: Resource, shell: string): void {
  const before = observeFor(resource, { shell });
  const contents = snapshot();
  makeFor(resource, { shell });
  const after = observeFor(resource, { shell });
  expect(resource.diff(after, resource.aim(after))).toEqual([]);
  undoTo(resource, before, { shell });
  expect(observeFor(resource, { shell })).toStrictEqual(before);
  expect(snapshot()).toEqual(contents);
}

function snapshot(): unknown {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
    const full = path.join(folder, name);
    const entry = lstatSync(full);
    const content = entry.isFile() ? readFileSync(full, 'base64') : '';
    return [name, entry.mode, entry.uid, entry.gid, content];
  });
}

/** A file with an attribute of a user's and an access list; tar is what every system has to set them with. */
function makeAttributed(target: string): void {
  const records = [
    "user.tester=it's\na second line",
    'acl.access=u::rw-,u:1:r--,g::r--,m::r--,o::---',
  ]
    .map((text) => (text.startsWith('acl') ? `SCHILY.${text}` : `SCHILY.xattr.${text}`))
    .map((text) => `${text.length + 4} ${text}\n`);
  const script = restoreExtended(Buffer.from(records.join('')).toString('base64'));
  execFileSync('sh', ['-c', script.text], {
    env: { ...process.env, folder: `${path.dirname(target)}/`, temp: target },
  });
}

function attributesOf(target: string): string {
  const words = ['--xattrs', '--acls', '--pax-option=delete=atime,delete=ctime,delete=mtime'];
  const archive = execFileSync('tar', ['--format=posix', ...words, '-Pcf', '-', target]);
  return archive.subarray(512, 1024).toString('latin1').replaceAll('\0', '');
}

// EL7's sh is bash, Debian's is dash.
describe('a file that somebody changed since it was planned', () => {
  /** Plans, lets somebody write, and does what was planned; what it said when it failed. */
  function changedMeanwhile(resource: Resource, write: () => void): string {
    const found = observeFor(resource);
    const script = resource.converge(found, resource.aim(found)).text;
    write();
    const { status, stderr } = spawnSync('sh', ['-c', `set -eu\n${script}`], { encoding: 'utf8' });
    return status === 0 ? '' : stderr;
  }

  test.each([
    [
      'is left alone',
      'mine\n',
      'theirs\n',
      /page was changed by somebody else since it was planned/,
    ],
    ['is left alone where only its end differs', 'mine\n', 'mine', /was changed by somebody else/],
    ['may be what is wanted already', 'mine\n', 'wanted\n', /^$/],
    ['may be what it was, written anew', 'mine\n', 'mine\n', /^$/],
  ])('%s', (_, before, meanwhile, says) => {
    const page = path.join(folder, 'page');
    writeFileSync(page, before);
    const said = changedMeanwhile(file({ path: page, content: 'wanted\n', ...me }), () => {
      writeFileSync(page, meanwhile);
    });
    expect(said).toMatch(says);
    expect(readFileSync(page, 'utf8')).toBe(said === '' ? 'wanted\n' : meanwhile);
  });

  test('is not removed either, nor when it is no text', () => {
    const page = path.join(folder, 'page');
    writeFileSync(page, Buffer.from([0, 255, 1]));
    const said = changedMeanwhile(absentFile(page), () => {
      appendFileSync(page, 'x');
    });
    expect(said).toContain('was changed by somebody else');
    expect(statSync(page).size).toBe(4);
    expect(changedMeanwhile(absentFile(page), () => undefined)).toBe('');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('may be what an earlier step of the same invocation has made of it, and nothing else', () => {
    const [page, written] = [path.join(folder, 'page'), path.join(folder, 'written')];
    writeFileSync(page, 'mine\n');
    const [first, second] = ['first\n', 'second\n'].map((content) => {
      const resource = file({ path: page, content, ...me });
      const found = observeFor(resource);
      return resource.converge(found, resource.aim(found)).text;
    });
    const run = (script = '') =>
      spawnSync('sh', ['-c', `set -eu\n${script}`], {
        encoding: 'utf8',
        env: { ...process.env, lvslab_written: written },
      });
    expect(run(first)).toMatchObject({ status: 0 });
    expect(run(second)).toMatchObject({ status: 0 });
    expect(readFileSync(page, 'utf8')).toBe('second\n');
    writeFileSync(page, 'theirs\n');
    expect(run(first).stderr).toContain('was changed by somebody else');
    expect(readFileSync(page, 'utf8')).toBe('theirs\n');
  });
});

describe.each(['sh', 'bash'])('through %s', (shell) => {
  const content = "a 'quoted' $(reboot) \\ `line`\n\ttab, ümlaut, no newline at the end";

  test('a file is made and goes again', () => {
    expectRoundTrip(file({ path: path.join(folder, 'new'), content, mode: '0640', ...me }), shell);
  });

  test('a file is replaced and comes back, byte for byte, also when it was no text', () => {
    const target = path.join(folder, 'old');
    writeFileSync(target, Buffer.from([0, 255, 10, 13, 10]), { mode: 0o600 });
    expectRoundTrip(file({ path: target, content, ...me }), shell);
  });

  test('a symlink is followed and stays', () => {
    mkdirSync(path.join(folder, 'real'));
    writeFileSync(path.join(folder, 'real/config'), 'SELINUX=enforcing\n# end');
    symlinkSync('real/config', path.join(folder, 'link'));
    const link = path.join(folder, 'link');
    const resource = configKey({ file: link, key: 'SELINUX', line: 'SELINUX=disabled' });
    expectRoundTrip(resource, shell);
    makeFor(resource, { shell });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(path.join(folder, 'real/config'), 'utf8')).toBe('SELINUX=disabled\n# end');
  });

  test.each([
    ['', 'KEY="it\'s \\n & more"\n'],
    ['OTHER=1\nKEYS=2\n', 'OTHER=1\nKEYS=2\nKEY="it\'s \\n & more"\n'],
    ['KEY=1\nOTHER=1', 'KEY="it\'s \\n & more"\nOTHER=1'],
    ['KEY=1\nKEY=2\n#KEY=3\n', 'KEY="it\'s \\n & more"\n#KEY=3\n'],
    ['last=without newline', 'last=without newline\nKEY="it\'s \\n & more"'],
  ])('one key of %j is set and nothing else', (before, after) => {
    const target = path.join(folder, 'shared');
    writeFileSync(target, before);
    const resource = configKey({ file: target, key: 'KEY', line: `KEY="it's \\n & more"` });
    makeFor(resource, { shell });
    expect(readFileSync(target, 'utf8')).toBe(after);
  });

  test('a key in a file that was missing: the file goes again, unless others wrote into it', () => {
    const target = path.join(folder, 'missing');
    const resource = configKey({ file: target, key: 'KEY', line: 'KEY=1' });
    expectRoundTrip(resource, shell);
    makeFor(resource, { shell });
    appendFileSync(target, 'OTHER=2\n');
    convergeFor(resource, absent, { shell });
    expect(readFileSync(target, 'utf8')).toBe('OTHER=2\n');
    expect(resource.diff(observeFor(resource, { shell }), absent)).toEqual([]);
  });

  test('a file that must not be there goes and comes back', () => {
    const target = path.join(folder, 'there');
    writeFileSync(target, 'was here\n', { mode: 0o604 });
    expectRoundTrip(absentFile(target), shell);
  });

  test('extended attributes stay with a replaced file and come back with a removed one', () => {
    const target = path.join(folder, 'attributed');
    makeAttributed(target);
    writeFileSync(target, 'old');
    const before = attributesOf(target);

    expect(before).toContain("SCHILY.xattr.user.tester=it's\na second line\n");
    expect(before).toMatch(/SCHILY\.acl\.access=user::rw-\nuser:\w+:r--/);
    const replaced = file({ path: target, content, mode: '0640', ...me });
    makeFor(replaced, { shell });
    expect(attributesOf(target)).toBe(before);

    const removed = absentFile(target);
    const past = observeFor(removed, { shell });
    convergeFor(removed, absent, { shell });
    convergeFor(removed, past, { shell });
    expect(attributesOf(target)).toBe(before);
    expect(observeFor(removed, { shell })).toStrictEqual(past);
  });

  test('a folder is made and goes again, but not with what lies in it', () => {
    const resource = directory({ path: path.join(folder, 'a b'), mode: '0711', ...me });
    expectRoundTrip(resource, shell);
    makeFor(resource, { shell });
    writeFileSync(path.join(folder, 'a b/mine'), '');
    expect(() => convergeFor(resource, { kind: 'absent' }, { shell })).toThrow('not empty');
  });

  test('a missing folder is an error that names it, and leaves nothing', () => {
    const resource = file({ path: path.join(folder, 'no/such/file'), content, ...me });
    expect(() => makeFor(resource, { shell })).toThrow('is missing');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a full disk leaves the old file whole', () => {
    const target = path.join(folder, 'config');
    writeFileSync(target, 'old\n');
    const resource = file({ path: target, content, ...me });
    expect(() =>
      makeFor(resource, {
        shell,
        paths: { '} >"$temp"': '} >/dev/full' },
      }),
    ).toThrow('No space left on device');
    expect(readdirSync(folder)).toEqual(['config']);
    expect(readFileSync(target, 'utf8')).toBe('old\n');
  });
});

// Giving files to root needs root.
(process.getuid?.() === 0 ? describe : describe.skip)('the rules file', () => {
  test('belongs to root alone', () => {
    const target = path.join(folder, 'rules');
    writeFileSync(target, '-A -u 10.0.0.1:53 -s rr\n', { mode: 0o644 });
    const resource = ipvsRulesFile(target, [
      {
        protocol: 'tcp',
        address: '192.168.4.133',
        port: 80,
        scheduler: 'wrr',
        destinations: [],
      },
    ]);
    expectRoundTrip(resource, 'sh');
    makeFor(resource);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readFileSync(target, 'utf8')).toBe(
      '-A -u 10.0.0.1:53 -s rr\n-A -t 192.168.4.133:80 -s wrr\n',
    );
  });
});
