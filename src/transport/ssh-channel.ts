import { type Readable } from 'node:stream';

import { type Client, type ClientChannel } from 'ssh2';

/** How a program on a host ended: by an exit status, by a signal, or without either being told. */
interface ChannelEnd {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** A program that runs on a host. */
export interface OpenChannel {
  /** Rejects when the host refuses it. */
  readonly ended: Promise<ChannelEnd>;
  /** Asks the host to end it; what it still sends is thrown away. */
  close(): void;
}

/** What an honest host may still send after that: the window that ssh2 gives, and some. */
const MAX_BYTES_AFTER_CLOSE = 4 * 1024 * 1024;

/** Starts a program on a host. Nothing of its output is kept here. */
export function openChannel(
  client: Client,
  {
    command,
    stdin,
    onStdout,
    onStderr,
  }: {
    readonly command: string;
    readonly stdin: Readable;
    readonly onStdout: (chunk: Buffer) => void;
    readonly onStderr: (chunk: Buffer) => void;
  },
): OpenChannel {
  let channel: ClientChannel | undefined;
  let isClosed = false;
  let bytesAfterClose = 0;
  const close = (): void => {
    isClosed = true;
    channel?.close();
  };
  const unlessClosed = (take: (chunk: Buffer) => void) => (chunk: Buffer) => {
    if (!isClosed) {
      take(chunk);
      return;
    }
    bytesAfterClose += chunk.length;
    // A host that goes on all the same is no longer listened to at all.
    if (bytesAfterClose > MAX_BYTES_AFTER_CLOSE) client.destroy();
  };
  const ended = new Promise<ChannelEnd>((resolve, reject) => {
    client.exec(command, (error, opened) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      channel = opened;
      let end: ChannelEnd = { code: undefined, signal: undefined };
      // The end of the channel, or that of the connection, says what came of it.
      opened.on('error', () => undefined);
      opened.on('data', unlessClosed(onStdout));
      opened.stderr.on('data', unlessClosed(onStderr));
      opened.on('exit', (code: number | null, signal?: string) => {
        end = { code: code ?? undefined, signal };
      });
      opened.on('close', () => {
        resolve(end);
      });
      stdin.pipe(opened);
      if (isClosed) opened.close();
    });
  });
  return { ended, close };
}
