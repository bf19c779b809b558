import { type ConnectOptions, type EngineHost } from '../../../engine/apply/survey.ts';
import { type Connection } from '../../../engine/model/connection.ts';

/** A connection in the making. */
interface Begun {
  readonly opening: Promise<Connection>;
  /** Ends the making. */
  readonly stop: AbortController;
  /** Resolves when the host's turn has come. */
  readonly turn: Promise<void>;
}

/** Connections that are begun before it is certain that anybody wants them. */
export class EarlyConnections {
  readonly #begun = new Map<string, Begun>();

  /** Begins one; where it fails, whoever takes it is told. */
  begin(
    host: string,
    open: (options: ConnectOptions & { readonly signal: AbortSignal }) => Promise<Connection>,
  ): void {
    const stop = new AbortController();
    let onTurn = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      onTurn = resolve;
    });
    const opening = open({ signal: stop.signal, onTurn });
    opening.catch(() => undefined);
    this.#begun.set(host, { opening, stop, turn });
  }

  /** The host, which gives the connection that was begun for it, once, and opens others by itself. */
  given<Host extends Pick<EngineHost<unknown>, 'name' | 'connect'>>(host: Host): Host {
    return {
      ...host,
      connect: async (options) => {
        const begun = this.#begun.get(host.name);
        if (begun === undefined) return await host.connect(options);
        this.#begun.delete(host.name);
        void begun.turn.then(options?.onTurn);
        return await begun.opening;
      },
    };
  }

  /** Leaves those that nobody has taken, but for those of these hosts; a host that does not answer is not waited for. Never throws. */
  async leaveOthers(wanted: readonly string[] = []): Promise<void> {
    const left = [...this.#begun].filter(([host]) => !wanted.includes(host));
    await Promise.allSettled(
      left.map(async ([host, { opening, stop }]) => {
        this.#begun.delete(host);
        stop.abort();
        await (await opening).close();
      }),
    );
  }
}
