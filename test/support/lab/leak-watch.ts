import { type Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Something that must stay secret, by the name under which a finding is told. */
export type Needles = Readonly<Record<string, string>>;

/** Looks all the time for secrets in argument lists, environments, and files below some folders. */
export class LeakWatch {
  readonly #needles: Needles;
  readonly #folders: readonly string[];
  readonly #found = new Set<string>();
  #rounds = 0;
  #isOver = false;
  readonly #work: Promise<void>;

  constructor(needles: Needles, folders: readonly string[]) {
    this.#needles = needles;
    this.#folders = folders;
    this.#work = this.#watch();
  }

  /** Resolves when all that is there now has been looked at. */
  async fullRound(): Promise<void> {
    // The round that goes on now may have passed by already.
    const until = this.#rounds + 2;
    while (this.#rounds < until && !this.#isOver) await sleep(25);
  }

  /** Ends the watch: where which secret was seen. */
  async stop(): Promise<{ readonly found: readonly string[]; readonly rounds: number }> {
    this.#isOver = true;
    await this.#work;
    return { found: [...this.#found].toSorted(), rounds: this.#rounds };
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      await Promise.all([
        this.#lookAtProcesses(),
        ...this.#folders.map((one) => this.#lookAt(one)),
      ]);
      this.#rounds++;
      await sleep(25);
    }
  }

  async #lookAtProcesses(): Promise<void> {
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      for (const part of ['cmdline', 'environ'])
        await this.#lookInto(`/proc/${name}/${part}`, part);
    }
  }

  async #lookAt(folder: string): Promise<void> {
    for await (const file of filesBelow(folder)) await this.#lookInto(file, file);
  }

  async #lookInto(file: string, label: string): Promise<void> {
    // Files and processes come and go.
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    for (const found of needlesIn(bytes, this.#needles)) {
      const what = label === file ? '' : ` of ${bytes.toString('latin1').replaceAll('\0', ' ')}`;
      this.#found.add(`${found} in ${label}${what}`);
    }
  }
}

/** The names of the secrets that stand in a text, as they are or in base64. */
export function needlesIn(text: string | Buffer, needles: Needles): readonly string[] {
  const bytes = Buffer.from(text);
  return Object.entries(needles)
    .filter(([, needle]) =>
      [
        needle,
        Buffer.from(needle)
          .toString('base64')
          .replace(/.{0,2}={0,2}$/, ''),
      ].some((form) => bytes.includes(form)),
    )
    .map(([name]) => name);
}

/** All files below a folder, as long as they are there; links are not followed. */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries: readonly Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(full);
    else if (entry.isFile()) yield full;
  }
}

/** Files below a folder that were written since a moment (milliseconds), and that are on its own file system. */
export async function filesWrittenSince(folder: string, since: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const file of filesBelow(folder)) {
    const stats = await lstat(file).catch(() => undefined);
    if (stats !== undefined && stats.mtimeMs >= since) found.push(file);
  }
  return found;
}
