import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

interface LeftLock {
  readonly owner?: string;
  /** Boot id of the host. */
  readonly of?: string;
}

/** Makes the folder of a lock that the process with this number keeps, as another controller would have left it. */
export function leaveLock(
  folder: string,
  keeper: number,
  { owner = 'alice', of = boot }: LeftLock = {},
): void {
  const stat = existsSync(`/proc/${keeper}/stat`)
    ? readFileSync(`/proc/${keeper}/stat`, 'utf8')
    : '';
  const started = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[19] ?? '1';
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'holder'),
    [
      `owner=${owner}`,
      'controller=laptop',
      'run=r1',
      'since=2024-05-01T10:00:00.000Z',
      `boot=${of}`,
      `keeper=${keeper}`,
      `started=${started}`,
      '',
    ].join('\n'),
  );
}
