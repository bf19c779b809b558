import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { runProgram } from '../processes.ts';

/**
 * Everything on this machine, outside the cache, that carries the name of a lab: looked for in the kernel's own lists,
 * without asking the code under test.
 */
export async function leftoversOf(name: string): Promise<readonly string[]> {
  const { stdout: links } = await runProgram('ip', ['-o', 'link']);
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  const folders = ['/run/netns', '/var/lib/lvslab-lab', '/run/systemd/nspawn/propagate'];
  const groups = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];
  const entries = [...folders, ...groups].map(async (folder) =>
    (await readdir(folder).catch(() => [])).map((entry) => path.join(folder, entry)),
  );
  const found = [
    ...links.split('\n'),
    ...mounts.split('\n'),
    ...(await Promise.all(entries)).flat(),
    ...(await processes()),
  ];
  return found.filter((line) => line.includes(name));
}

/** The command lines of all processes but this one and those that it was started by. */
async function processes(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const lines = pids.map(async (pid) => {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return `${pid}: ${words.replaceAll('\0', ' ')}`;
  });
  return (await Promise.all(lines)).filter((line) => !line.includes('jest'));
}
