import { type Finding, RANK, type Rule } from '../../rule.ts';
import { isIn, type LabCase, type ReadServer } from '../../lab-case.ts';
import { counterProof, eachServer } from '../finding-parts.ts';

/** For a real server the client is on its own segment, so it answers it directly. */
export const clientInside: Rule = {
  id: 'L02',
  title: "the client is in the real servers' network, or they think so",
  page: 'L02-client-inside',
  modes: ['nat'],
  rank: RANK.wayBack,
  find: (of) => eachServer(of, (server) => judge(of, server), { isSeenInAnswers: true }),
  hints: [
    'Does it work from other clients, and not from this one?',
    "Which way would a real server answer the client? `ip route get` with the client's address: is there a next hop in it?",
  ],
};

function judge(of: LabCase, read: ReadServer): Finding | undefined | 'not told' {
  const way = of.wayBack(read);
  if (way === undefined) return 'not told';
  if (way.kind !== 'on-link') return undefined;
  const { name: host } = read.server;
  return {
    host,
    what: 'answers the client directly: the client drops replies that come from the RIP',
    ...causeOf(of, read),
    proof: [
      {
        host,
        command: `ip route get ${of.cip ?? ''}`,
        output: [way.printed],
        remark: `should be via ${of.lab.director.dip} (DIP)`,
      },
      ...counterProof(of, read.at),
    ],
    hits: 'now',
  };
}

function causeOf(
  of: LabCase,
  { server: { name: host, address, length, device }, reading }: ReadServer,
): Pick<Finding, 'cause' | 'mend' | 'isDrift'> {
  const { cip = '' } = of;
  const { dip } = of.lab.director;
  if (isIn(cip, address, length)) {
    return {
      cause: `the client ${cip} is in the real servers' network, so no reply of theirs passes the director`,
      mend: [{ host, command: `ip route add ${cip}/32 via ${dip} dev ${device}` }],
      isDrift: false,
    };
  }
  const own = reading?.addresses?.find((one) => one.address === address);
  if (own !== undefined && own.length < length) {
    return {
      cause: `its own network is too wide: ${address}/${own.length}, where the lab has /${length}`,
      mend: [
        { host, command: `ip addr add ${address}/${length} dev ${device}` },
        { host, command: `ip addr del ${address}/${own.length} dev ${device}` },
        { host, command: `ip route replace default via ${dip} dev ${device}` },
      ],
      isDrift: true,
    };
  }
  return {
    cause: `a route of its own says that ${cip} is on its segment`,
    mend: [{ host, command: `ip route del ${cip}` }],
    isDrift: false,
  };
}
