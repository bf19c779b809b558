import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { type Result } from './result.ts';

/** What the measurements were made on; no name of it. */
export function machine(): Result['machine'] {
  const [first] = cpus();
  return {
    processor: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

const asked: Readonly<Record<string, readonly [string, ...string[]]>> = {
  OpenSSH: ['ssh', '-V'],
  Python: ['python3', '-V'],
  Ansible: ['ansible', '--version'],
  Mitogen: ['python3', '-c', 'import mitogen; print(*mitogen.__version__, sep=".")'],
};

/** The versions of what was measured; programs that this machine lacks are left out. */
export function versions(): Readonly<Record<string, string>> {
  const manifest = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const others = Object.entries(asked).flatMap(([name, [program, ...args]]) => {
    const [, found] = /(\d+\.[\w.]+)/.exec(firstWords(program, args)) ?? [];
    return found === undefined ? [] : [[name, found] as const];
  });
  return { lvslab: version, Node: process.versions.node, ...Object.fromEntries(others) };
}

function firstWords(program: string, args: readonly string[]): string {
  try {
    // `ssh -V` answers on the other output.
    return execFileSync('sh', ['-c', 'exec "$@" 2>&1', 'sh', program, ...args], {
      encoding: 'utf8',
    });
  } catch {
    return '';
  }
}
