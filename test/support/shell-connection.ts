import { spawnSync } from 'node:child_process';
import { type Connection, type RunOptions } from '../../src/engine/model/connection.ts';
import { type Script } from '../../src/engine/model/shell/script.ts';

/** A connection to nowhere: a sh of this machine runs the scripts, as whoever runs the tests. It keeps what it was asked. */
export class ShellConnection implements Connection {
  readonly host = 'rs1';
  readonly pace = { connectMs: 0, sessionMs: 0 };
  readonly asked: { readonly script: Script; readonly options: RunOptions }[] = [];
  readonly #ends: Error | undefined;

  /** @param ends what each run ends with, instead of its result. */
  constructor(ends?: Error) {
    this.#ends = ends;
  }

  get sessions(): number {
    return this.asked.length;
  }

  run(script: Script, options: RunOptions = {}): ReturnType<Connection['run']> {
    this.asked.push({ script, options });
    const { status, stdout, stderr } = spawnSync('sh', ['-s'], {
      input: script.text,
      encoding: 'utf8',
    });
    options.onStdout?.(stdout);
    if (this.#ends !== undefined) return Promise.reject(this.#ends);
    return Promise.resolve({ exitCode: status, stdout, stderr });
  }

  upload(): Promise<void> {
    return Promise.reject(new Error('nothing is sent here'));
  }

  again(): Promise<Connection> {
    return Promise.resolve(this);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
