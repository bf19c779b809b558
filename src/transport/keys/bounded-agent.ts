import { connect, type Socket } from 'node:net';

import { type BaseAgent, type IdentityCallback } from 'ssh2';
import type * as ssh2Module from 'ssh2';

import { cancelled } from '../../engine/model/failures/cancellation.ts';

/** How long an agent may take to tell its keys; one that asks its person for a signature may take as long as a login may. */
const TIMEOUT_MS = 10_000;
/** Some thousand keys. */
const MAX_BYTES = 1024 * 1024;

type Stream = (error: Error | null, socket?: Socket) => void;

/** What ssh2's agent is underneath its types: it asks for a new stream each time. */
interface Streaming extends BaseAgent {
  getStream(done: Stream): void;
}

/** ssh2's agent, save that one that hangs, or talks without end, keeps nobody waiting and nothing open. */
export interface BoundedAgent {
  readonly agent: BaseAgent;
  /**
   * None where the agent is gone, or does not answer within 10 s.
   * @throws CancelledError
   */
  identities(): Promise<Parameters<IdentityCallback>[1]>;
  /** Ends what the agent has not answered yet. */
  close(): void;
}

/** The agent behind a socket. */
export function boundedAgent(
  ssh2: Pick<typeof ssh2Module, 'createAgent'>,
  {
    socketPath,
    signal,
  }: { readonly socketPath: string; readonly signal?: AbortSignal | undefined },
): BoundedAgent {
  const agent = ssh2.createAgent(socketPath);
  const open = new Set<Socket>();
  if ('getStream' in agent) {
    (agent as Streaming).getStream = (done) => {
      openSocket(socketPath, { open, signal, done });
    };
  }
  const closeAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    agent,
    close: closeAll,
    identities: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(closeAll, TIMEOUT_MS);
        agent.getIdentities((error, keys) => {
          clearTimeout(timer);
          if (signal?.aborted === true) reject(cancelled(signal, { step: 'connect' }));
          else resolve(error ? [] : keys);
        });
      }),
  };
}

function openSocket(
  socketPath: string,
  {
    open,
    signal,
    done,
  }: {
    readonly open: Set<Socket>;
    readonly signal: AbortSignal | undefined;
    readonly done: Stream;
  },
): void {
  const socket = connect(socketPath);
  open.add(socket);
  let bytes = 0;
  let isTold = false;
  const tell: Stream = (...outcome) => {
    if (!isTold) done(...outcome);
    isTold = true;
  };
  const onAbort = (): void => {
    socket.destroy();
  };
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted === true) onAbort();
  socket.on('connect', () => {
    tell(null, socket);
  });
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) socket.destroy();
  });
  socket.on('error', (error) => {
    tell(error);
  });
  socket.on('close', () => {
    open.delete(socket);
    signal?.removeEventListener('abort', onAbort);
    tell(new Error('the agent closed the connection'));
  });
}
