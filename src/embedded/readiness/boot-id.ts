import { outputLines, overSsh } from '../lab/over-ssh.ts';
import { type Readiness } from './readiness.ts';

/** The host tells the id of its boot; after a reboot, another one than `before`. */
export function tellsBootId(before?: string): Readiness<string> {
  return {
    name: before === undefined ? 'its boot id' : 'the reboot',
    firstLookMs: 5000,
    look: async ({ lab, host, limitMs, signal }) => {
      const command = 'cat /proc/sys/kernel/random/boot_id';
      const [id] = outputLines(await overSsh(lab, { host, command, limitMs, signal }));
      return id === before ? undefined : id;
    },
  };
}
