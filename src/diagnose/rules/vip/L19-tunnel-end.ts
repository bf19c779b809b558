import { type HostReading } from '../../readings/readings.ts';
import { RANK, type Rule } from '../../rule.ts';
import { counterProof, eachServer } from '../finding-parts.ts';

/** A real server has no end of the tunnel, or it is down. */
export const tunnelEnd: Rule = {
  id: 'L19',
  title: "a real server's end of the tunnel is missing or down",
  page: 'L19-tunnel-end',
  modes: ['tun'],
  rank: RANK.network,
  find: (of) =>
    eachServer(of, ({ server, at, reading }) => {
      if (reading?.links === undefined) return 'not told';
      const tunnel = reading.links.find(({ device }) => device === 'tunl0');
      if (tunnel?.up === true) return undefined;
      const { name: host } = server;
      return {
        host,
        what: 'does not unpack what the director sends it through the tunnel',
        cause: tunnel === undefined ? whyMissing(reading) : 'tunl0 is down',
        proof: [
          {
            host,
            command: 'ip -d link show tunl0',
            output: [tunnel === undefined ? 'Device "tunl0" does not exist.' : 'tunl0: state DOWN'],
          },
          ...counterProof(of, at),
        ],
        mend: [
          ...(tunnel === undefined ? [{ host, command: 'modprobe ipip' }] : []),
          { host, command: 'ip link set tunl0 up' },
        ],
        isDrift: true,
        hits: 'now',
      };
    }),
  hints: [
    'Are requests refused, with an ICMP message that names a protocol?',
    "Is the real server's end of the tunnel there, and up? `ip -d link show tunl0`",
  ],
};

function whyMissing({ ipip, kernel = '' }: HostReading): string {
  return ipip === 'missing'
    ? `there is no tunl0, and the kernel ${kernel} has no module ipip: one that has it must be booted, or, of a container, the machine that runs it must load it`
    : 'there is no tunl0: the module ipip is not loaded';
}
