import { RANK, type Rule } from '../../rule.ts';

/** A real server asks the VIP itself: the packet comes back to its own sender. */
export const clientIsServer: Rule = {
  id: 'L18',
  title: 'the client is a real server itself',
  page: 'L18-client-is-server',
  modes: ['nat'],
  rank: RANK.vip,
  isForBareHosts: true,
  find: ({ lab, cip, isFailing }) => {
    if (isFailing === false) return [];
    if (cip === undefined || isFailing === undefined) return 'not told';
    const own = lab.servers.find(({ address }) => address === cip);
    if (own === undefined) return [];
    return [
      {
        host: lab.client.name,
        what: 'asks the VIP, and is a real server of it at the same time',
        cause: `${cip} is ${own.name}: where IPVS chooses it, its request comes back to its own sender, and the others' answers do not pass the director`,
        proof: [
          {
            host: lab.client.name,
            command: 'ip -4 -o addr show',
            output: [`${own.device} inet ${cip}/${own.length}`],
            remark: 'is a RIP',
          },
        ],
        mend: [{ host: lab.client.name, command: 'echo "ask from a host that is no real server"' }],
        isDrift: false,
        hits: 'now',
      },
    ];
  },
  hints: ['From which host do you ask, and what part has it in the lab?'],
};
