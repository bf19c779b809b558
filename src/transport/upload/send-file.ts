import { type Client, type SFTPWrapper } from 'ssh2';

import { cancelled } from '../../engine/model/failures/cancellation.ts';
import { StepFailedError, TimeoutError } from '../../engine/model/failures/errors.ts';
import { shortened } from '../host-text.ts';

/** A file on its way to a host. */
export interface Sending {
  readonly host: string;
  readonly from: string;
  readonly to: string;
  readonly signal: AbortSignal | undefined;
  /** How long nothing of it may arrive. There is no limit for the whole: a slow line is slow. */
  readonly silenceMs: number;
}

/**
 * Sends a file by SFTP, readable by its owner alone.
 * @throws StepFailedError, TimeoutError, CancelledError; ssh2's own error when the host refuses SFTP.
 */
export async function sendFile(client: Client, sending: Sending): Promise<void> {
  const { host, signal, silenceMs } = sending;
  let sftp: SFTPWrapper | undefined;
  let isOver = false;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const timer = setTimeout(() => {
    fail(stuck(sending));
  }, silenceMs);
  const onAbort = (): void => {
    if (signal !== undefined) fail(cancelled(signal, { host, step: 'upload' }));
  };
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted === true) onAbort();
  const sent = new Promise<void>((resolve, reject) => {
    client.sftp((error, opened) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      sftp = opened;
      opened.on('error', reject);
      if (isOver) opened.end();
      else put(opened, sending, { onProgress: () => timer.refresh(), resolve, reject });
    });
  });
  // Where it is cancelled or gets stuck, that is what is told.
  sent.catch(() => undefined);
  try {
    await Promise.race([sent, failed]);
  } finally {
    isOver = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    sftp?.end();
  }
}

function put(
  sftp: SFTPWrapper,
  { host, from, to }: Sending,
  {
    onProgress,
    resolve,
    reject,
  }: {
    readonly onProgress: () => void;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  },
): void {
  sftp.fastPut(from, to, { mode: 0o600, step: onProgress }, (error) => {
    if (error) reject(sendError(host, { from, error }));
    else resolve();
  });
}

function stuck({ host, from, silenceMs }: Sending): TimeoutError {
  return new TimeoutError(
    `nothing more of ${from} has arrived for ${Math.round(silenceMs / 1000)} s`,
    {
      host,
      step: 'upload',
      hint: 'Check the line to the host and its disk, then run the command again.',
    },
  );
}

function sendError(
  host: string,
  { from, error }: { readonly from: string; readonly error: Error },
): StepFailedError {
  const reason = shortened(error.message);
  return new StepFailedError(`${from} could not be sent: ${reason}`, {
    host,
    step: 'upload',
    cause: error,
    exitCode: 1,
    output: reason,
    hint: 'Check that the host has free disk space, and that its sshd offers SFTP.',
  });
}
