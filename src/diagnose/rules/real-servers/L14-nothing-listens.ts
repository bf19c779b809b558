import { RANK, type Finding, type Rule } from '../../rule.ts';
import { type LabCase, type ReadServer } from '../../lab-case.ts';
import { counterProof, eachServer } from '../finding-parts.ts';
import { askedPort, listensOn, webPorts } from './listening.ts';

/** No web server listens on a real server, on no port that could be meant. */
export const nothingListens: Rule = {
  id: 'L14',
  title: "a real server's web server does not run",
  page: 'L14-nothing-listens',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.realServer,
  find: (of) => eachServer(of, (server) => judge(of, server)),
  hints: [
    "Are requests refused, and is it one server's share of them? Ask a dozen times, and look at the pattern.",
    'Does anything listen on that server? `ss -ltn`',
  ],
};

function judge(of: LabCase, { server, at, reading }: ReadServer): Finding | undefined | 'not told' {
  const { listeners } = reading ?? {};
  if (listeners === undefined) return 'not told';
  const port = askedPort(of, server);
  if (listensOn(listeners, port).length > 0) return undefined;
  const { name: host } = server;
  const unit = of.unit(host, 'nginx');
  // What runs somewhere else is the business of another rule.
  if (unit?.active === 'active' || webPorts(listeners, port).length > 0) return undefined;
  return {
    host,
    what: `refuses its share of the requests: nothing listens on port ${port}`,
    ...causeOf(host, unit),
    proof: [
      { host, command: `ss -ltn 'sport = :${port}'`, output: ['(no listener)'] },
      ...counterProof(of, at),
    ],
    isDrift: true,
    hits: 'now',
  };
}

function causeOf(host: string, unit: ReturnType<LabCase['unit']>): Pick<Finding, 'cause' | 'mend'> {
  return unit?.load === 'loaded'
    ? {
        cause: `nginx.service is ${unit.active}`,
        mend: [{ host, command: 'systemctl start nginx' }],
      }
    : {
        cause: 'no web server runs there',
        mend: [{ host, command: '/usr/local/nginx/sbin/nginx' }],
      };
}
