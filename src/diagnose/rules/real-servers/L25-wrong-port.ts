import { type LabCase, type LabServer, type ReadServer } from '../../lab-case.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';
import { counterProof, eachServer, ipvsadm, METHODS } from '../finding-parts.ts';
import { endpoint, portsOf } from '../../../ipvs/virtual-service.ts';
import { listensOn, silentPort, webPorts } from './listening.ts';

/** The web server listens on another port than the table sends requests to. */
export const wrongPort: Rule = {
  id: 'L25',
  title: 'a web server listens on another port than the table says',
  page: 'L25-wrong-port',
  modes: ['nat', 'dr', 'tun'],
  protocol: 'tcp',
  rank: RANK.realServer,
  find: (of) => eachServer(of, (read) => judge(of, read)),
  hints: [
    "Are requests refused, and is it one server's share of them?",
    'On which port does the web server of that one listen, and which one stands in the table? `ss -ltn`, `ipvsadm -Ln`',
  ],
};

function judge(of: LabCase, { server, reading }: ReadServer): Finding | undefined | 'not told' {
  if (reading?.listeners === undefined) return 'not told';
  const port = silentPort(of, server, reading.listeners);
  if (listensOn(reading.listeners, port).length > 0) return undefined;
  const others = webPorts(reading.listeners, port);
  const [other] = others;
  if (other === undefined) return undefined;
  const wanted = portsOf(of.lab.service).includes(port) ? port : server.port;
  const isTable = port !== wanted;
  return {
    host: server.name,
    what: `refuses its share of the requests: they come for port ${port}, where nothing listens`,
    cause: isTable
      ? `the table says port ${port}, and the web server listens on ${others.join(', ')}`
      : `the web server listens on port ${others.join(', ')}, and the inventory says ${wanted}`,
    proof: [
      {
        host: server.name,
        command: 'ss -ltn',
        output: others.map((one) => `LISTEN  *:${one}`),
      },
      ...counterProof(of, endpoint({ address: server.address, port })),
    ],
    mend: isTable ? mendTable(of, server, { port, other }) : mendServer(of, server),
    isDrift: true,
    hits: 'now',
  };
}

function mendTable(
  { lab }: LabCase,
  { address, weight }: LabServer,
  { port, other }: { readonly port: number; readonly other: number },
): Finding['mend'] {
  const host = lab.director.name;
  const add = `${ipvsadm('-a', lab)} -r ${address}:${other} ${METHODS[lab.mode].flag} -w ${weight}`;
  return [
    { host, command: add },
    { host, command: `${ipvsadm('-d', lab)} -r ${address}:${port}` },
  ];
}

function mendServer({ lab: { service } }: LabCase, server: LabServer): Finding['mend'] {
  const { name: host } = server;
  const ports = service.mark === undefined ? [server.port] : portsOf(service);
  const listens = ports.map((port) => `listen ${port};`).join(' ');
  return [
    { host, command: `sed -i 's/listen .*/${listens}/' /usr/local/nginx/conf/nginx.conf` },
    { host, command: 'systemctl restart nginx' },
  ];
}
