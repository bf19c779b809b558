import { type Connection } from '../../../src/engine/model/connection.ts';

/** A connection that does all as another one, but for what is given. */
export function wrapConnection(
  inner: Connection,
  changes: Partial<Pick<Connection, 'run' | 'again' | 'close'>>,
): Connection {
  return {
    host: inner.host,
    get sessions() {
      return inner.sessions;
    },
    get pace() {
      return inner.pace;
    },
    run: (script, options) => inner.run(script, options),
    upload: (from, to, options) => inner.upload(from, to, options),
    again: (options) => inner.again(options),
    close: () => inner.close(),
    ...changes,
  };
}
