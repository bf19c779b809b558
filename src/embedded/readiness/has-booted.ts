import { outputLines, overSsh } from '../lab/over-ssh.ts';
import { type Readiness } from './readiness.ts';

/** An hour: systemd itself gives up each unit that does not come up; how long that takes is not ours to say. */
const AS_LONG_AS_IT_TAKES_MS = 3_600_000;

/** The host lets us in, and its systemd says that all of it is up, or has failed; resolves to the units that failed. */
export const hasBooted: Readiness<readonly string[]> = {
  name: 'systemd',
  firstLookMs: AS_LONG_AS_IT_TAKES_MS,
  look: async ({ lab, host, limitMs, signal }) => {
    const command = 'systemctl is-system-running --wait; systemctl --failed --plain --no-legend';
    const answer = await overSsh(lab, { host, command, limitMs, signal });
    const [state = '', ...failed] = outputLines(answer);
    if (!isBooted(state)) return undefined;
    return failed.map((line) => line.split(' ')[0] ?? line);
  },
};

/** Whether a state that systemd tells is one in which nothing is being started any more. */
export function isBooted(state: string): boolean {
  return state === 'running' || state === 'degraded';
}
