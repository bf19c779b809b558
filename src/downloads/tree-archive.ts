import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** What an archive of a build may be; nginx with debugging symbols has 10 MiB in 20 files. */
export const treeLimits = {
  /** Unpacked, all files together. */
  maxBytes: 192 * 1024 ** 2,
  maxEntries: 500,
} as const;

const BLOCK = 512;
/** Names that no program reads anything into, each part of a path; `.` and `..` are none. */
const NAME = /^\.(\/(?!\.{1,2}(\/|$))[\w.+-]+)*\/?$/;
/** Set-user-ID, set-group-ID, sticky, and writable for others than the owner. */
const REFUSED_MODES = 0o7022;

/**
 * Why an archive is none that may be unpacked on another host: whoever is root on the one that it comes from can put
 * anything into it. Allowed are plain files and folders below the one where it is unpacked, each once.
 * @param archive compressed with gzip.
 * @returns undefined where it may.
 */
export async function distrustOfTree(archive: Buffer): Promise<string | undefined> {
  let tar: Buffer;
  try {
    tar = await promisify(gunzip)(archive, { maxOutputLength: treeLimits.maxBytes });
  } catch (error) {
    return `it can't be unpacked: ${error instanceof Error ? error.message : String(error)}`;
  }
  const seen = new Set<string>();
  for (let at = 0; at + BLOCK <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return endOf(tar, at, seen.size);
    const entry = readHeader(header);
    if (typeof entry === 'string') return entry;
    const { name, size } = entry;
    const distrust = distrustOfEntry(entry);
    if (distrust !== undefined) return `${JSON.stringify(name)} ${distrust}`;
    const plain = name.replace(/\/$/, '');
    if (seen.has(plain)) return `${JSON.stringify(name)} is in it twice`;
    seen.add(plain);
    if (seen.size > treeLimits.maxEntries)
      return `it has more than ${treeLimits.maxEntries} entries`;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return 'it ends early';
}

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
}

/** Behind the end, unpackers differ in whether they read on: nothing may be there. */
function endOf(tar: Buffer, at: number, entries: number): string | undefined {
  if (entries === 0) return 'it is empty';
  return tar.subarray(at).every((byte) => byte === 0) ? undefined : 'there is more behind its end';
}

function readHeader(header: Buffer): Entry | string {
  const field = (from: number, length: number): string =>
    header.toString('latin1', from, from + length).replace(/\0.*$/s, '');
  const number = (from: number, length: number): number | undefined => {
    const digits = /^ *([0-7]+) *$/.exec(field(from, length))?.[1];
    return digits === undefined ? undefined : Number.parseInt(digits, 8);
  };
  if (!field(257, 6).startsWith('ustar')) return 'it is no tar archive';
  // The checksum counts its own field as blanks.
  const sum = header.reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0);
  const [mode, size] = [number(100, 8), number(124, 12)];
  if (mode === undefined || size === undefined || number(148, 8) !== sum) {
    return 'it is a damaged tar archive';
  }
  // In GNU's own format, other things stand where the prefix would be.
  const prefix = header.toString('latin1', 257, 265) === 'ustar  \0' ? '' : field(345, 155);
  const name = prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`;
  return { name, mode, size, type: field(156, 1) };
}

function distrustOfEntry({ name, type, mode, size }: Entry): string | undefined {
  if (type !== '5' && type !== '0' && type !== '') return 'is neither file nor folder';
  if (type === '5' && size !== 0) return 'is a folder with content';
  if (!NAME.test(name)) return 'is no name below the folder';
  if ((mode & REFUSED_MODES) !== 0) return `has the mode ${mode.toString(8)}`;
  return undefined;
}
