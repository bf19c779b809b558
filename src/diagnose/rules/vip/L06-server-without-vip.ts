import { RANK, type Rule } from '../../rule.ts';
import { counterProof, eachServer } from '../finding-parts.ts';

/** A real server does not have the VIP, or has it with a mask that takes its network away. */
export const serverWithoutVip: Rule = {
  id: 'L06',
  title: 'a real server lacks the VIP, or has it with a wrong mask',
  page: 'L06-server-without-vip',
  modes: ['dr', 'tun'],
  rank: RANK.realServer,
  find: (of) =>
    eachServer(of, ({ server, at, reading }) => {
      if (reading?.addresses === undefined) return 'not told';
      const own = reading.addresses.filter(({ address }) => address === of.vip);
      const wide = own.find(({ device, length }) => device === 'lo' && length < 32);
      if (own.length > 0 && wide === undefined) return undefined;
      const { name: host } = server;
      const device = of.lab.mode === 'tun' ? 'tunl0' : 'lo';
      return {
        host,
        what:
          wide === undefined
            ? 'drops the requests that it is given: they are for an address that it does not have'
            : 'takes a whole network for its own, with all hosts in it',
        cause:
          wide === undefined
            ? `the VIP ${of.vip} is on none of its interfaces`
            : `the VIP is on lo with /${wide.length}, where it must be /32`,
        proof: [
          {
            host,
            command: `ip -4 -o addr show to ${of.vip}`,
            output:
              own.length === 0
                ? ['(nothing)']
                : own.map((one) => `${one.device} inet ${one.address}/${one.length}`),
          },
          ...counterProof(of, at),
        ],
        mend: [
          ...(wide === undefined
            ? []
            : [{ host, command: `ip addr del ${of.vip}/${wide.length} dev lo` }]),
          { host, command: `ip addr add ${of.vip}/32 dev ${device}` },
        ],
        isDrift: true,
        hits: 'now',
      };
    }),
  hints: [
    "Which server's share of the requests times out?",
    'Does that server have the VIP, and with /32? `ip -4 -o addr show`',
  ],
};
