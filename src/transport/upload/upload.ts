import { stat } from 'node:fs/promises';
import path from 'node:path';

import { type RunOptions, type RunResult } from '../../engine/model/connection.ts';
import { StepFailedError } from '../../engine/model/failures/errors.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
import { stepFailure } from '../../engine/host/step-failure.ts';

/** What an upload needs of a connection. */
export interface UploadMeans {
  readonly host: string;
  readonly run: (script: Script, options?: RunOptions) => Promise<RunResult>;
  /** Sends a file as the login user. */
  readonly send: (localPath: string, remotePath: string) => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/** Sends a file through a folder that only the login user sees, then puts it in its place as root. */
export async function uploadInSteps(
  localPath: string,
  remotePath: string,
  { host, run, send, signal }: UploadMeans,
): Promise<void> {
  const { size } = await stat(localPath);
  const options = signal === undefined ? {} : { signal };
  const made = await checked(host, run(makeStage(size), options));
  const stage = made.stdout.trim();
  try {
    await send(localPath, `${stage}/file`);
  } catch (error) {
    // Where the connection is lost, the stage stays for a day: a private folder that a later upload removes.
    await checked(host, run(discardUnlessFull(stage, size), { timeoutMs: DISCARD_MS })).catch(
      throwIfFull,
    );
    throw error;
  }
  const from = `${stage}/file`;
  await checked(host, run(place({ from, to: remotePath, size, stage }), options));
}

/** How long the cleaning up after a failed upload may take: it also comes after a Ctrl-C. */
const DISCARD_MS = 10_000;

/** Puts a file that lies on the host in its place: whole, owned by root, readable by nobody else. */
export function place({
  from,
  to,
  size,
  stage,
}: {
  readonly from: string;
  readonly to: string;
  readonly size: number;
  /** The folder that the file lies in, if it was made for it: it is not needed afterwards, whether it worked or not. */
  readonly stage?: string;
}): Script {
  return sh`
    set -eu; umask 077
    new='' stage=${stage ?? ''}
    trap 'rm -rf "$new" "$stage"; rmdir "\${stage%/*}" 2>/dev/null || :' EXIT
    folder=${path.posix.dirname(to)}
    mkdir -p "$folder"
    new=$(mktemp "$folder/.lvslab.XXXXXX")
    cat ${from} >"$new"
    [ "$(wc -c <"$new")" -eq ${size} ] || { echo "it did not arrive whole" >&2; exit 1; }
    mv -fT "$new" ${to}
  `;
}

/** Throws for a script that failed. */
export async function checked(host: string, running: Promise<RunResult>): Promise<RunResult> {
  const result = await running;
  if (result.exitCode === 0) return result;
  const output = result.stderr.trim();
  throw stepFailure({ host, step: 'upload', exitCode: result.exitCode ?? 1, output });
}

/** SFTP says 'Failure' and no more when the disk is full: fails, and says so, when the file would not have gone in. */
function discardUnlessFull(stage: string, size: number): Script {
  const kib = Math.ceil(size / 1024);
  return sh`
    parent=${path.posix.dirname(stage)}
    rm -rf ${stage}
    free=$(df -Pk "$parent" | awk 'NR == 2 { print $4 }')
    rmdir "$parent" 2>/dev/null || :
    if ! [ "$free" -ge ${kib} ]; then
      echo ${`No space left on device: the upload needs ${kib} KiB in`} "$parent, there are $free" >&2
      exit 1
    fi
  `;
}

function throwIfFull(error: unknown): void {
  if (error instanceof StepFailedError) throw error;
}

/**
 * Makes a folder for one upload and prints its path. It lies in one that only root can write to, below folders that only
 * root can write to: whatever is in there was made by an earlier upload, and no other user can put a link or a folder of
 * theirs in its place. /run is memory, so a file that would fill it goes elsewhere. sudo tells who called it; a root login
 * has nobody to give the folder to. What is older than a day was left by a connection that broke.
 */
function makeStage(size: number): Script {
  return sh`
    set -eu; umask 077
    base=/run
    kib=$(df -Pk /run 2>/dev/null | awk 'NR == 2 { print $4 }')
    [ "\${kib:-0}" -gt ${2 * Math.ceil(size / 1024)} ] || base=/var/lib
    parent=$base/lvslab-uploads
    mkdir -m 0711 "$parent" 2>/dev/null || :
    if [ -L "$parent" ] || [ ! -d "$parent" ] || [ "$(stat -c %u "$parent")" != "$(id -u)" ]; then
      echo "$parent is not a folder of root" >&2
      exit 1
    fi
    chmod 0711 "$parent"
    find "$parent" -mindepth 1 -maxdepth 1 -mmin +1440 -exec rm -rf {} +
    stage=$(mktemp -d "$parent/XXXXXX")
    chown "\${SUDO_UID:-0}" "$stage"
    echo "$stage"
  `;
}
