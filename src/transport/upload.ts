import { stat } from 'node:fs/promises';
import path from 'node:path';

import { type RunResult } from '../engine/connection.ts';
import { StepFailedError } from '../engine/errors.ts';
import { lines, type Script, sh, trusted } from '../engine/script.ts';
import { stepFailure } from '../engine/step-failure.ts';

/** What an upload needs of a connection. */
export interface UploadMeans {
  readonly host: string;
  readonly run: (script: Script) => Promise<RunResult>;
  /** Sends a file as the login user. */
  readonly send: (localPath: string, remotePath: string) => Promise<void>;
}

/** Sends a file through a folder that only the login user sees, then puts it in its place as root. */
export async function uploadInSteps(
  localPath: string,
  remotePath: string,
  { host, run, send }: UploadMeans,
): Promise<void> {
  const { size } = await stat(localPath);
  const made = await checked(host, run(makeStage));
  const stage = made.stdout.trim();
  try {
    await send(localPath, `${stage}/file`);
  } catch (error) {
    // Where the connection is lost, the stage stays until the next upload: a private folder in /tmp.
    await checked(host, run(discardUnlessFull(stage, size))).catch(throwIfFull);
    throw error;
  }
  await checked(host, run(place({ from: `${stage}/file`, to: remotePath, size, discard: stage })));
}

/** Puts a file that lies on the host in its place: whole, owned by root, readable by nobody else. */
export function place({
  from,
  to,
  size,
  discard,
}: {
  readonly from: string;
  readonly to: string;
  readonly size: number;
  /** A folder that is not needed afterwards, whether it worked or not. */
  readonly discard?: string;
}): Script {
  return lines(
    trusted('set -eu; umask 077'),
    sh`new= discard=${discard ?? ''}`,
    trusted(`trap 'rm -rf "$new" "$discard"' EXIT`),
    sh`folder=${path.posix.dirname(to)}`,
    trusted('mkdir -p "$folder"'),
    trusted('new=$(mktemp "$folder/.lvslab.XXXXXX")'),
    sh`cat ${from} >"$new"`,
    sh`[ "$(wc -c <"$new")" -eq ${size} ] || { echo "it did not arrive whole" >&2; exit 1; }`,
    sh`mv -fT "$new" ${to}`,
  );
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
  return lines(
    sh`rm -rf ${stage}`,
    trusted(`free=$(df -Pk /tmp | awk 'NR == 2 { print $4 }')`),
    sh`[ "$free" -ge ${Math.ceil(size / 1024)} ] || { echo ${`No space left on device: the upload needs ${Math.ceil(size / 1024)} KiB in /tmp, there are`} "$free" >&2; exit 1; }`,
  );
}

function throwIfFull(error: unknown): void {
  if (error instanceof StepFailedError) throw error;
}

/**
 * sudo tells who called it; a root login has nobody to give the folder to. One upload goes on at a time, so stages that
 * are there already are those of connections that broke.
 */
const makeStage = lines(
  trusted('set -eu; umask 077'),
  trusted('rm -rf /tmp/lvslab.??????'),
  trusted('stage=$(mktemp -d /tmp/lvslab.XXXXXX)'),
  trusted('chown "${SUDO_UID:-0}" "$stage"'),
  trusted('echo "$stage"'),
);
