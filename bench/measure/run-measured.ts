import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { stopSignal } from './stopping.ts';

const MEASURED = fileURLToPath(new URL('measured.py', import.meta.url));

const usageSchema = z.object({
  status: z.number().nullable(),
  wallMs: z.number(),
  cpuMs: z.number(),
  peakKiB: z.number(),
});

/** How a command has used the machine, and what it said. */
export interface MeasuredRun extends z.infer<typeof usageSchema> {
  readonly stdout: string;
  readonly stderr: string;
  /** TCP connections of its network namespace, at most; those that it had before are among them. */
  readonly connections: number;
}

export interface MeasuredCommand {
  readonly argv: readonly string[];
  /** The network namespace that it runs in; without it, this machine's. */
  readonly namespace?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It is ended after so many seconds, 1800 unless told. */
  readonly limitSeconds?: number;
}

/**
 * Runs a command to its end, without input, and tells what it took. What it leaves in the background is ended.
 * @throws Error when the person asks to stop meanwhile
 */
export async function runMeasured({
  argv,
  namespace,
  env = {},
  limitSeconds = 1800,
}: MeasuredCommand): Promise<MeasuredRun> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-bench-run-'));
  try {
    const file = path.join(folder, 'usage.json');
    const inside = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`];
    const words = [...inside, 'python3', MEASURED, file, String(limitSeconds), ...argv];
    const [program = '', ...args] = words;
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...env },
      signal: stopSignal,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    let connections = 0;
    const look = setInterval(() => {
      connections = Math.max(connections, connectionsOf(child.pid));
    }, 100);
    await once(child, 'close').finally(() => {
      clearInterval(look);
    });
    const usage = usageSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return { ...usage, stdout, stderr, connections };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The lines that warn of something, by what programs usually call it. */
export function countWarnings({ stdout, stderr }: MeasuredRun): number {
  return `${stdout}\n${stderr}`.split('\n').filter((line) => /warning/i.test(line)).length;
}

/** Established connections in the network namespace of a process; 0 where it has ended. */
function connectionsOf(pid: number | undefined): number {
  try {
    const [, ...lines] = readFileSync(`/proc/${pid ?? 0}/net/tcp`, 'utf8')
      .trim()
      .split('\n');
    return lines.filter((line) => line.trim().split(/\s+/)[3] === '01').length;
  } catch {
    return 0;
  }
}
