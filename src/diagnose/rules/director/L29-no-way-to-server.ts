import { type LabCase, type ReadServer } from '../../lab-case.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';
import { counterProof, eachServer } from '../finding-parts.ts';

/** The director can't reach a real server at all: no route, or nobody there. */
export const noWayToServer: Rule = {
  id: 'L29',
  title: 'the director has no way to a real server, or that is down',
  page: 'L29-no-way-to-server',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.network,
  find: (of) => eachServer(of, (server) => judge(of, server), { isSeenInAnswers: true }),
  hints: [
    'Which server does not get its share? Ask a dozen times, and look at the pattern.',
    'Can the director reach that server by itself? `ip route get` and `ping` with its address, on the director',
  ],
};

function judge(of: LabCase, { server, at }: ReadServer): Finding | undefined | 'not told' {
  const { director, lab } = of;
  const { address } = server;
  const way = director?.routes?.[address];
  if (way === undefined || director?.neighbours === undefined) return 'not told';
  const host = lab.director.name;
  // A link that is down has a rule of its own.
  if (of.isLinkDown(host, lab.director.inside)) return undefined;
  const proof = { host, command: `ip route get ${address}`, output: [way.printed] };
  const common = {
    host,
    what: `can't reach ${server.name}: its share of the requests comes to nothing`,
    isDrift: false,
    hits: 'now',
  } as const;
  if (way.kind === 'none') {
    return {
      ...common,
      cause: `the director has no way to ${address}`,
      proof: [proof, ...counterProof(of, at)],
      mend: [
        { host, command: `ip route show to match ${address}` },
        { host, command: `ip route del unreachable ${address}` },
      ],
    };
  }
  if (director.neighbours[address] !== 'failed') return undefined;
  const silence = { host, command: 'ip neigh', output: [`${address} FAILED`] };
  return {
    ...common,
    cause: `nobody has the address ${address} there: ${server.name} is down, or unplugged, or has another address`,
    proof: [proof, silence, ...counterProof(of, at)],
    mend: [{ host: server.name, command: 'ip -4 addr show' }],
  };
}
