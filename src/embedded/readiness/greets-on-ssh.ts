import { type Script, sh } from '../../engine/model/shell/script.ts';
import { labCgroup } from '../embedded-lab.ts';
import { askProgram } from '../machine/programs.ts';
import { type Readiness } from './readiness.ts';

/** Ends with the first line; -w bounds the time to connect as well as the silence after that. */
export function readGreeting(namespace: string, address: string, seconds: number): Script {
  return sh`ip netns exec ${namespace} nc -w ${seconds} ${address} 22 </dev/null | head -n 1`;
}

/** The SSH server sends its greeting, which is more than that something takes the connection. */
export const greetsOnSsh: Readiness<true> = {
  name: 'SSH',
  firstLookMs: 2000,
  look: async ({ lab, host, limitMs, signal }) => {
    const script = readGreeting(lab.name, host.address, Math.ceil(limitMs / 1000));
    const { stdout } = await askProgram(['sh', '-c', script.text], {
      cgroup: labCgroup(lab, 'probes'),
      limitMs,
      signal,
    });
    return stdout.startsWith('SSH-') ? true : undefined;
  },
};
