import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cancelled } from '../engine/model/failures/cancellation.ts';
import { type FoundBuild, type SharedBuilds } from '../resources/nginx/shared-builds.ts';
import { distrustOfTree } from './tree-archive.ts';

/** A SHA-256, and the inventory name of a host. */
const SUM = /^([\da-f]{64}) (\S{1,253})\n$/;
const GROUP = /^[\da-f]{16,64}$/;

/** Of one group, in one invocation. */
interface Builder {
  readonly host: string;
  readonly ended: Promise<void>;
  readonly end: () => void;
  isEnded: boolean;
}

/**
 * The builds of a lab's hosts, kept in a folder of the controller that is for this lab alone.
 * @param folder which others than this user can't write to.
 */
export function openSharedBuilds(
  folder: string,
  { onRefused }: { readonly onRefused: (host: string, why: string) => void },
): SharedBuilds {
  const builders = new Map<string, Builder>();
  const filesOf = (group: string): FoundBuild => {
    if (!GROUP.test(group)) throw new TypeError('a group is called by a digest');
    return {
      archive: path.join(folder, `${group}.tar.gz`),
      sum: path.join(folder, `${group}.sum`),
    };
  };
  const isAwaited = (group: string, host: string): boolean => {
    const builder = builders.get(group);
    return builder?.host === host && !builder.isEnded;
  };
  return {
    keptFrom: (group) => {
      try {
        const { archive, sum } = filesOf(group);
        if (!readdirSync(folder).includes(path.basename(archive))) return undefined;
        return SUM.exec(readFileSync(sum, 'latin1'))?.[2];
      } catch {
        return undefined;
      }
    },
    async find(group, host, { signal }) {
      const builder = builders.get(group);
      if (builder?.host === host) return undefined;
      if (builder !== undefined) await endOrAbort(builder, signal);
      const files = filesOf(group);
      if (await isWhole(files)) return files;
      // Where the first has failed, the others don't wait for each other.
      if (builder === undefined) builders.set(group, newBuilder(host));
      return undefined;
    },
    async askFor(group, host) {
      if (!isAwaited(group, host)) return undefined;
      const file = path.join(folder, 'wanted');
      await writeFile(file, '', { mode: 0o600 });
      return file;
    },
    isAwaited,
    async deliver(group, host, printed) {
      const builder = builders.get(group);
      if (builder?.host !== host) return;
      try {
        const why = printed === undefined ? undefined : await keep(filesOf(group), host, printed);
        if (why !== undefined) onRefused(host, why);
      } finally {
        builder.isEnded = true;
        builder.end();
      }
    },
  };
}

function newBuilder(host: string): Builder {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { host, ended, end, isEnded: false };
}

/** @throws CancelledError as soon as the person asks to stop. */
async function endOrAbort({ ended }: Builder, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw cancelled(signal, { step: 'upload' });
  let onAbort: (() => void) | undefined;
  try {
    await Promise.race([
      ended,
      new Promise<never>((_, reject) => {
        onAbort = () => {
          reject(cancelled(signal, { step: 'upload' }));
        };
        signal.addEventListener('abort', onAbort, { once: true });
      }),
    ]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}

/** Whether what is kept is what was checked when it was put there. */
async function isWhole({ archive, sum }: FoundBuild): Promise<boolean> {
  try {
    const [, wanted] = SUM.exec(await readFile(sum, 'latin1')) ?? [];
    return wanted !== undefined && sha256Of(await readFile(archive)) === wanted;
  } catch {
    return false;
  }
}

/** Keeps what a host has sent, in base64; tells why, if it doesn't. */
async function keep(
  { archive, sum }: FoundBuild,
  host: string,
  printed: string,
): Promise<string | undefined> {
  const sent = Buffer.from(printed, 'base64');
  // A host whose tree is not to be shared sends nothing.
  if (sent.length === 0) return undefined;
  const distrust = await distrustOfTree(sent);
  if (distrust !== undefined) return distrust;
  const part = `${archive}.${randomUUID()}.part`;
  try {
    await rm(sum, { force: true });
    await writeFile(part, sent, { mode: 0o600, flush: true });
    await rename(part, archive);
    await writeFile(part, `${sha256Of(sent)} ${host}\n`, { mode: 0o600, flush: true });
    await rename(part, sum);
    return undefined;
  } catch (error) {
    return `it could not be kept: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
