import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';

import { distrustOfTree, treeLimits } from '../../../src/downloads/tree-archive.ts';

interface Entry {
  readonly name: string;
  readonly type?: string;
  readonly mode?: string;
  readonly content?: string;
  readonly size?: string;
  readonly link?: string;
  readonly prefix?: string;
}

/** One entry, as any writer of tar archives could make it. */
function entry({ name, type = '0', mode = '0000644', content = '', ...rest }: Entry): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 'latin1');
  header.write(mode, 100, 'latin1');
  header.write('0000000', 108);
  header.write('0000000', 116);
  header.write(rest.size ?? content.length.toString(8).padStart(11, '0'), 124, 'latin1');
  header.write('00000000000', 136);
  header.write('        ', 148);
  header.write(type, 156, 'latin1');
  header.write(rest.link ?? '', 157, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write(rest.prefix ?? '', 345, 'latin1');
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  body.write(content, 'latin1');
  return Buffer.concat([header, body]);
}

const END = Buffer.alloc(1024);
const GOOD: readonly Entry[] = [
  { name: './', type: '5', mode: '0000755' },
  { name: './kind', content: 'a kind\n' },
  { name: './tree/sbin/nginx', mode: '0000755', content: 'x'.repeat(700) },
];

function archive(entries: readonly Entry[], end = END): Buffer {
  return gzipSync(Buffer.concat([...entries.map(entry), end]));
}

test('files and folders below the one where it is unpacked are trusted', async () => {
  expect(await distrustOfTree(archive(GOOD))).toBeUndefined();
  expect(await distrustOfTree(archive([...GOOD, { name: 'sub/x', prefix: './tree' }]))).toBe(
    undefined,
  );
});

describe('what may not be unpacked on another host', () => {
  test.each<[string, Entry]>([
    ['an absolute path', { name: '/etc/cron.d/x' }],
    ['a way up', { name: './tree/../../etc/passwd' }],
    ['a way up at once', { name: '../x' }],
    ['a way up in the prefix', { name: 'x', prefix: '..' }],
    ['a way up at the end', { name: '.' }],
    ['an absolute prefix', { name: 'x', prefix: '/etc' }],
    ['a name without the folder', { name: 'tree/x' }],
    ['a line break in a name', { name: './a\nb' }],
    ['a blank in a name', { name: './a b' }],
    ['a symbolic link', { name: './tree/sbin', type: '2', link: '/etc' }],
    ['a hard link', { name: './x', type: '1', link: '/etc/shadow' }],
    ['a device', { name: './sda', type: '4' }],
    ['a terminal', { name: './tty', type: '3' }],
    ['a pipe', { name: './fifo', type: '6' }],
    ['a long name of GNU', { name: '././@LongLink', type: 'L', content: '/etc/passwd' }],
    ['an extended header', { name: './pax', type: 'x', content: '30 path=/etc/passwd\n' }],
    ['an extended header for all', { name: './pax', type: 'g', content: '30 path=/etc/passwd\n' }],
    ['a sparse file', { name: './s', type: 'S' }],
    ['a set-user-ID bit', { name: './tree/sh', mode: '0004755' }],
    ['a set-group-ID bit', { name: './tree/sh', mode: '0002755' }],
    ['a sticky bit', { name: './tree', type: '5', mode: '0001755' }],
    ['a file that all may write', { name: './tree/x', mode: '0000666' }],
    ['a mode that is no number', { name: './tree/x', mode: '00009xx' }],
    [
      'a size in binary',
      {
        name: './x',
        size: '\u0080\u0000\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000',
      },
    ],
    ['a folder with content', { name: './f', type: '5', content: 'x' }],
    ['the same twice', { name: './kind' }],
    ['a folder in the place of a file', { name: './kind/', type: '5', mode: '0000755' }],
  ])('%s', async (_, bad) => {
    expect(await distrustOfTree(archive([...GOOD, bad]))).toEqual(expect.any(String));
    expect(await distrustOfTree(archive([bad, ...GOOD]))).toEqual(expect.any(String));
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['what is not compressed', Buffer.concat(GOOD.map(entry))],
    ['what is no archive', gzipSync(Buffer.alloc(2048, 'x'))],
    ['an archive of nothing', archive([])],
    ['what ends early', archive(GOOD, Buffer.alloc(0))],
    ['what was cut off', archive(GOOD).subarray(0, -20)],
    ['what goes on behind its end', archive(GOOD, Buffer.concat([END, entry({ name: '/etc/x' })]))],
    ['what unpacks without end', gzipSync(Buffer.alloc(treeLimits.maxBytes + 1))],
    [
      'too many files',
      archive(Array.from({ length: treeLimits.maxEntries + 1 }, (_, i) => ({ name: `./${i}` }))),
    ],
    ['a size beyond the end', archive([{ name: './x', size: '00000100000' }])],
  ])('%s', async (_, bad) => {
    expect(await distrustOfTree(bad)).toEqual(expect.any(String));
  });
});
