import { labCgroup } from '../embedded-lab.ts';
import { askProgram } from '../machine/programs.ts';
import { type Readiness } from './readiness.ts';

/** The SSH server sends its greeting, which is more than that something takes the connection. */
export const greetsOnSsh: Readiness<true> = {
  name: 'SSH',
  firstLookMs: 2000,
  look: async ({ lab, host, limitMs, signal }) => {
    // Ends with the first line; -w bounds the time to connect as well as the silence after that.
    const ask = 'ip netns exec "$1" nc -w "$3" "$2" 22 </dev/null | head -n 1';
    const seconds = String(Math.ceil(limitMs / 1000));
    const { stdout } = await askProgram(['sh', '-c', ask, 'sh', lab.name, host.address, seconds], {
      cgroup: labCgroup(lab, 'probes'),
      limitMs,
      signal,
    });
    return stdout.startsWith('SSH-') ? true : undefined;
  },
};
