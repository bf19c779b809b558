import { z } from 'zod';
import { type Connection, type RunResult } from '../../engine/model/connection.ts';
import { MissingOnHostError, ObserveError } from '../../engine/model/failures/errors.ts';
import { readingLimitMs } from '../../engine/host/limits.ts';
import { readCaptureFile } from '../packets/capture-file.ts';
import {
  type CaptureOrder,
  type CapturePoint,
  type Capturing,
  type NicCapture,
} from './capture.ts';
import {
  CAPTURE_SECONDS,
  type CapturePlaces,
  captureScript,
  MOST_OUTPUT_BYTES,
  NO_TCPDUMP,
  readyMark,
  stopScript,
} from './capture-script.ts';

/** How the lines of a capture's output are told from each other, and who owns a device. */
interface Places {
  readonly places: CapturePlaces;
  /** The NIC that a line of the output is about; undefined where it is about none. */
  readonly pointOf: (device: string, mac: string) => CapturePoint | undefined;
}

const STEP = 'trace';

/**
 * Begins to capture on every NIC of a host, with the tcpdump that is there; resolves once all of them are listened to.
 * @throws MissingOnHostError without tcpdump; ObserveError; what `Connection.run` throws.
 */
export async function captureOnHost(
  connection: Connection,
  order: CaptureOrder,
): Promise<Capturing> {
  const { host } = connection;
  return await startCapture(connection, order, {
    places: { kind: 'own-nics' },
    pointOf: (device, mac) => ({ host, ...nicSchema.parse({ device, mac }) }),
  });
}

/**
 * Begins to capture at the ends of cables of this machine: the hosts that they lead to know nothing of it.
 * @param cables by the name that the end has in the namespace.
 * @throws as `captureOnHost`.
 */
export async function captureOnCables(
  machine: Connection,
  order: CaptureOrder,
  {
    namespace,
    cables,
  }: { readonly namespace: string; readonly cables: ReadonlyMap<string, CapturePoint> },
): Promise<Capturing> {
  return await startCapture(machine, order, {
    places: { kind: 'cables', namespace, devices: [...cables.keys()] },
    pointOf: (device) => cables.get(device),
  });
}

const nicSchema = z.object({
  device: z.string().regex(/^[\w.:@-]{1,15}$/),
  mac: z.string().regex(/^([\da-f]{2}:){5}[\da-f]{2}$/),
});

async function startCapture(
  connection: Connection,
  order: CaptureOrder,
  { places, pointOf }: Places,
): Promise<Capturing> {
  const { nonce, signal } = order;
  let output = '';
  let onReady: (isReady: boolean) => void = () => undefined;
  const ready = new Promise<boolean>((resolve) => {
    onReady = resolve;
  });
  const running = connection.run(captureScript(places, order), {
    onStdout: (text) => {
      if (output.length > MOST_READY_CHARACTERS) return;
      output += text;
      if (output.includes(`${readyMark(nonce)}\n`)) onReady(true);
    },
    timeoutMs: readingLimitMs(connection.pace) + CAPTURE_SECONDS * 1000,
    maxOutputBytes: MOST_OUTPUT_BYTES,
    signal,
  });
  // Whoever stops the capture is told; until then nobody waits for it.
  const ended = running.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  const isReady = await Promise.race([ready, ended.then(() => false)]);
  const resultOf = async (): Promise<RunResult> => {
    const outcome = await ended;
    if ('error' in outcome) throw outcome.error;
    return outcome.result;
  };
  if (!isReady) throw failureOf(await resultOf(), connection.host);
  return {
    stop: async () => {
      // Also where the person has asked to stop: nothing is to go on on the host.
      await connection.run(stopScript(nonce), { timeoutMs: readingLimitMs(connection.pace) });
      const result = await resultOf();
      if (result.exitCode !== 0) throw failureOf(result, connection.host);
      return parseCaptures(result.stdout, { nonce, pointOf, host: connection.host });
    },
  };
}

/** The mark comes first; what follows are the captures. */
const MOST_READY_CHARACTERS = 1000;

function failureOf({ exitCode, stderr }: RunResult, host: string): Error {
  if (exitCode === NO_TCPDUMP) {
    return new MissingOnHostError('tcpdump is not installed', {
      host,
      step: STEP,
      hint: 'Have it installed for the time of the trace with `lvslab … --install`.',
    });
  }
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return new ObserveError(
    `packets could not be captured: ${said === '' ? `exit status ${exitCode ?? 'none'}` : said}`,
    {
      host,
      step: STEP,
      hint: 'See the NICs of the host with `ip link show`; root must be allowed to capture there.',
    },
  );
}

function parseCaptures(
  stdout: string,
  {
    nonce,
    pointOf,
    host,
  }: Pick<Places, 'pointOf'> & { readonly nonce: string; readonly host: string },
): readonly NicCapture[] {
  const [, output = ''] = stdout.split(`${readyMark(nonce)}\n`);
  const parts = output.split(`${nonce}\n`).slice(0, -1);
  try {
    return parts.flatMap((part) => {
      const end = part.indexOf('\n');
      const [device = '', mac = ''] = part.slice(0, end).split(' ');
      const point = pointOf(device, mac);
      const file = Buffer.from(part.slice(end + 1), 'base64');
      return point === undefined ? [] : [{ point, frames: readCaptureFile(file) }];
    });
  } catch (cause) {
    throw new ObserveError('what was captured there can not be read', {
      host,
      step: STEP,
      cause,
      hint: 'Install tcpdump 4.6 or newer there, then run the command again.',
    });
  }
}
