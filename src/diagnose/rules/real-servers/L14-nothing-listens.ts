import { RANK, type Finding, type Rule } from '../../rule.ts';
import { type LabCase, type ReadServer } from '../../lab-case.ts';
import { type HostReading } from '../../readings/readings.ts';
import { counterProof, eachServer } from '../finding-parts.ts';
import { listenersCommand, listensOn, silentPort, webPorts } from './listening.ts';

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
  const port = silentPort(of, server, listeners);
  if (listensOn(listeners, port).length > 0) return undefined;
  const { name: host } = server;
  const web = of.webServer(host) ?? 'nginx';
  const unit = of.unit(host, web);
  if (isElsewhere(of, { unit, listeners, port })) return undefined;
  return {
    host,
    what: `refuses its share of the requests: nothing listens on port ${port}`,
    ...causeOf(host, web, unit),
    proof: [
      { host, command: listenersCommand(of, port), output: ['(no listener)'] },
      ...counterProof(of, at),
    ],
    isDrift: true,
    hits: 'now',
  };
}

/** What runs and listens elsewhere is the business of another rule; where datagrams are waited for elsewhere, nothing shows. */
function isElsewhere(
  { lab }: LabCase,
  {
    unit,
    listeners,
    port,
  }: {
    readonly unit: ReturnType<LabCase['unit']>;
    readonly listeners: NonNullable<HostReading['listeners']>;
    readonly port: number;
  },
): boolean {
  if (lab.service.protocol === 'udp') return false;
  return unit?.active === 'active' || webPorts(listeners, port).length > 0;
}

function causeOf(
  host: string,
  web: string,
  unit: ReturnType<LabCase['unit']>,
): Pick<Finding, 'cause' | 'mend'> {
  if (unit?.active === 'active') {
    return {
      cause: `${web}.service is active, and its configuration does not have that port for datagrams`,
      mend: [
        { host, command: 'grep -rn listen /usr/local/nginx/conf/nginx.conf' },
        { host, command: `systemctl restart ${web}` },
      ],
    };
  }
  if (unit?.load !== 'loaded' && unit?.enabled !== 'masked') {
    return {
      cause: 'no web server runs there',
      mend: [{ host, command: '/usr/local/nginx/sbin/nginx' }],
    };
  }
  // systemd starts no unit that is masked.
  const isMasked = unit.enabled === 'masked';
  return {
    cause: `${web}.service is ${isMasked ? 'masked' : unit.active}`,
    mend: [...(isMasked ? [`systemctl unmask ${web}`] : []), `systemctl start ${web}`].map(
      (command) => ({ host, command }),
    ),
  };
}
