import { RANK, type Finding, type Rule } from '../../rule.ts';
import { type LabCase, type ReadServer } from '../../lab-case.ts';
import { type RouteReading } from '../../readings/readings.ts';
import { counterProof, eachServer } from '../finding-parts.ts';

/** A real server's way back to the client does not lead through the director. */
export const wayBack: Rule = {
  id: 'L01',
  title: "a real server's replies do not pass the director",
  page: 'L01-way-back',
  modes: ['nat'],
  rank: RANK.wayBack,
  find: (of) => eachServer(of, (server) => judge(of, server), { isSeenInAnswers: true }),
  hints: [
    "Which server's share of the requests times out? Ask a dozen times, and look at the pattern.",
    'Does `ipvsadm -Ln --stats` count packets to that server, and none from it?',
    'Which way would that server answer the client? `ip route get` with the address of the client, on the server.',
  ],
};

function judge(of: LabCase, read: ReadServer): Finding | undefined | 'not told' {
  const way = of.wayBack(read);
  if (way === undefined) return 'not told';
  const { dip } = of.lab.director;
  if (way.kind === 'local' || way.kind === 'on-link' || way.via === dip) return undefined;
  const { name: host } = read.server;
  return {
    host,
    what:
      way.kind === 'none'
        ? 'gets the requests, and has no way back to the client'
        : 'gets the requests, but its replies never pass the director',
    cause: whyElsewhere(of, read, way),
    proof: [
      {
        host,
        command: `ip route get ${of.cip ?? ''}`,
        output: [way.printed],
        remark: `should be via ${dip} (DIP)`,
      },
      ...counterProof(of, read.at),
    ],
    ...mendOf(of, read, way),
    hits: 'now',
  };
}

function whyElsewhere(of: LabCase, { reading }: ReadServer, way: RouteReading): string {
  const to = of.cip ?? 'the client';
  if (way.via === undefined) return `there is no route to ${to}: the default gateway is missing`;
  const routes = reading?.defaultRoutes ?? [];
  const why = routes.length > 1 ? ': there are several default routes, and another NIC won' : '';
  return `the way to ${to} leads by ${way.via}, not by the DIP${why}`;
}

function mendOf(
  of: LabCase,
  { server: { name: host, device }, reading }: ReadServer,
  { via }: RouteReading,
): Pick<Finding, 'mend' | 'isDrift'> {
  const { dip } = of.lab.director;
  const [first = ''] = reading?.defaultRoutes ?? [];
  // The default route is right, so it is a route of its own to the client that leads elsewhere.
  const hasOwnRoute = via !== undefined && `${first} `.includes(` via ${dip} `);
  return hasOwnRoute
    ? { mend: [{ host, command: `ip route del ${of.cip ?? ''}` }], isDrift: false }
    : {
        mend: [{ host, command: `ip route replace default via ${dip} dev ${device}` }],
        isDrift: true,
      };
}
