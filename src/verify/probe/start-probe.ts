import { type Connection } from '../../engine/model/connection.ts';
import {
  LvslabError,
  MissingOnHostError,
  ObserveError,
} from '../../engine/model/failures/errors.ts';
import { readingLimitMs } from '../../engine/host/limits.ts';
import { endpoint, type VirtualService } from '../../ipvs/virtual-service.ts';
import { type TaskReporting } from '../run-task.ts';
import { judgeProbe, type ProbeMark } from './judge-probe.ts';
import { type ProbeEvent, ProbeLog } from './probe-log.ts';
import { type ProbeReport } from './probe-report.ts';
import { NO_CURL, probeScript, REQUEST_SECONDS, tellProbe } from './probe-script.ts';

/** Traffic that goes on while other things are done. */
export interface Probe {
  /** From now on, this is done. */
  mark(what: string): void;
  /** Resolves once nothing is sent any more; does not throw. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it and tells what became of the traffic; never throws: why it broke off is told as well. */
  stop(): Promise<{ readonly report: ProbeReport; readonly error?: LvslabError }>;
}

/** What a probe needs of the command that it goes along with. */
export interface ProbeOptions extends Pick<TaskReporting, 'now'> {
  readonly service: Pick<VirtualService, 'address' | 'port'>;
  readonly nonce: () => string;
  /** Whether a held connection that broke is made anew. */
  readonly renews: boolean;
  readonly signal: AbortSignal;
}

/** Milliseconds between the planned starts of two requests: a tenth of a second is what a person notices. */
const PROBE_INTERVAL_MS = 100;
const HELD = 4;
const LIMIT_SECONDS = 3600;
/** A pause ends once the last request has ended; more than its limit is a host that hangs. */
const PAUSE_LIMIT_MS = 4 * REQUEST_SECONDS * 1000;

/**
 * Begins to ask the VIP from a client, ten times a second, whether answers come or not, and holds some connections open.
 * @param client it asks over one session of this connection, and is told what to do over others.
 * @throws MissingOnHostError without curl; ObserveError; what `Connection.run` throws.
 */
export async function startProbe(client: Connection, options: ProbeOptions): Promise<Probe> {
  const running = new RunningProbe(client, options);
  await running.begin();
  return running;
}

class RunningProbe implements Probe {
  readonly #client: Connection;
  readonly #options: ProbeOptions;
  readonly #nonce: string;
  readonly #log = new ProbeLog();
  readonly #marks: ProbeMark[] = [];
  readonly #listeners = new Set<(events: readonly ProbeEvent[]) => void>();
  #ended: Promise<LvslabError | undefined> = Promise.resolve(undefined);
  #began = 0;

  constructor(client: Connection, options: ProbeOptions) {
    this.#client = client;
    this.#options = options;
    this.#nonce = options.nonce();
  }

  async begin(): Promise<void> {
    const { service, renews, signal, now } = this.#options;
    const { pace } = this.#client;
    const begun = new Promise<void>((resolve) => {
      this.#listeners.add(() => {
        if (this.#log.hasBegun) resolve();
      });
    });
    const script = probeScript({
      url: `http://${endpoint(service)}/`,
      heldUrl: `telnet://${endpoint(service)}`,
      ...{ intervalMs: PROBE_INTERVAL_MS, held: HELD, renews },
      ...{ nonce: this.#nonce, limitSeconds: LIMIT_SECONDS },
    });
    this.#ended = this.#client
      .run(script, {
        onStdout: (text) => {
          const events = this.#log.read(text);
          for (const listener of this.#listeners) listener(events);
        },
        timeoutMs: readingLimitMs(pace) + LIMIT_SECONDS * 1000,
        signal,
      })
      .then(
        ({ exitCode, stderr }) =>
          exitCode === 0 ? undefined : failureOf(exitCode, stderr, this.#client.host),
        (error: unknown) => {
          if (error instanceof LvslabError) return error;
          throw error;
        },
      );
    await Promise.race([begun, this.#ended]);
    this.#began = now();
    if (this.#log.hasBegun) return;
    throw (await this.#ended) ?? failureOf(0, 'it ended at once', this.#client.host);
  }

  mark(what: string): void {
    const at = this.#marks.length === 0 ? 0 : this.#options.now() - this.#began;
    this.#marks.push({ at, what });
  }

  async pause(): Promise<void> {
    const paused = this.#next('paused');
    if (await this.#tell('pause')) await paused;
  }

  async resume(): Promise<void> {
    await this.#tell('resume');
  }

  async stop(): Promise<{ readonly report: ProbeReport; readonly error?: LvslabError }> {
    await this.#tell('stop');
    const error = await this.#ended;
    const report = judgeProbe(this.#log.events, {
      intervalMs: PROBE_INTERVAL_MS,
      marks: this.#marks,
    });
    return { report, ...(error !== undefined && { error }) };
  }

  /** Whether the client could be told; a probe whose connection is lost ends by itself, and says why in the end. */
  async #tell(what: 'pause' | 'resume' | 'stop'): Promise<boolean> {
    const timeoutMs = readingLimitMs(this.#client.pace);
    try {
      const { exitCode } = await this.#client.run(tellProbe(this.#nonce, what), { timeoutMs });
      return exitCode === 0;
    } catch (error) {
      if (error instanceof LvslabError) return false;
      throw error;
    }
  }

  /** Resolves when that happens, when the probe ends, and when it takes too long. */
  async #next(type: ProbeEvent['type']): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const happened = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PAUSE_LIMIT_MS);
      this.#listeners.add((events) => {
        if (events.some((event) => event.type === type)) resolve();
      });
    });
    await Promise.race([happened, this.#ended]);
    clearTimeout(timer);
  }
}

function failureOf(exitCode: number | null, stderr: string, host: string): LvslabError {
  if (exitCode === NO_CURL) {
    return new MissingOnHostError('curl is not installed', {
      ...{ host, step: 'probe' },
      hint: 'Install curl there: the requests are made with it.',
    });
  }
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return new ObserveError(
    `the probe broke off: ${said === '' ? `exit status ${exitCode ?? 'none'}` : said}`,
    { host, step: 'probe' },
  );
}
