import { file } from '../resources/files/file.ts';
import { type Resource } from '../engine/model/resource.ts';
import { type Listener, type RealServer } from '../lab/lab.ts';
import { liveAddress } from '../resources/network/live-address.ts';
import { liveLink } from '../resources/network/live-link.ts';
import { liveRoute } from '../resources/network/live-route.ts';
import { sysctl } from '../resources/kernel/sysctl/sysctl.ts';
import { service } from '../resources/systemd/service.ts';
import { renderTemplate } from '../templates.ts';
import { type PlayContext, realServerOf } from '../playbook.ts';
import { clientOf, dropping, type Fault, serviceOf, wrongGateway } from './fault.ts';

const everyMode = ['nat', 'dr', 'tun'] as const;

/** The first of the ports that a web server may be given by mistake. */
const OTHER_PORT = 8080;

/** What goes wrong on a real server. */
export const realServerFaults: readonly Fault[] = [
  {
    id: 'L01',
    title: "a real server's replies do not pass the director",
    modes: ['nat'],
    on: 'real server',
    resources: (context) => [
      liveRoute({
        address: clientOf(context),
        gateway: wrongGateway(context),
        device: realServerOf(context).nic.device,
      }),
    ],
  },
  {
    id: 'L02',
    title: 'a real server takes the client for a neighbour',
    modes: ['nat'],
    on: 'real server',
    resources: (context) => [
      liveRoute({ address: clientOf(context), device: realServerOf(context).nic.device }),
    ],
  },
  {
    id: 'L05',
    title: 'a real server answers ARP for the VIP',
    modes: ['dr', 'tun'],
    on: 'real server',
    resources: ({ lab }) =>
      lab.mode.realServerSettings
        .filter(({ key }) => /\.arp_\w+$/.test(key))
        .map(({ key }) => sysctl({ key, value: '0' })),
  },
  {
    id: 'L06',
    title: 'a real server does not have the VIP',
    modes: ['dr'],
    on: 'real server',
    resources: (context) => [
      liveAddress({
        ...{ device: 'lo', address: serviceOf(context).address, length: 32 },
        isThere: false,
      }),
    ],
  },
  {
    id: 'L14',
    title: "a real server's web server does not run",
    modes: everyMode,
    on: 'real server',
    resources: () => [service({ name: 'nginx', active: false })],
  },
  {
    id: 'L19',
    title: "a real server's end of the tunnel is down",
    modes: ['tun'],
    on: 'real server',
    resources: () => [liveLink({ device: 'tunl0', up: false })],
  },
  {
    id: 'L24',
    title: 'the web server listens on loopback alone',
    modes: everyMode,
    on: 'real server',
    resources: (context) => listeningOn(context, `127.0.0.1:${realServerOf(context).port}`),
  },
  {
    id: 'L25',
    title: 'the web server listens on another port',
    modes: everyMode,
    on: 'real server',
    resources: (context) => listeningOn(context, freePort(realServerOf(context))),
  },
  {
    id: 'L27',
    title: 'no boot starts the web server',
    modes: everyMode,
    on: 'real server',
    resources: () => [service({ name: 'nginx', enabled: false })],
  },
  {
    id: 'L28',
    title: "a real server's own firewall drops requests",
    modes: everyMode,
    on: 'real server',
    resources: (context: PlayContext): readonly Resource[] => {
      const { port } = realServerOf(context);
      return dropping(context, { table: 'lvslab-break', port });
    },
  },
  {
    id: 'L31',
    title: 'a real server has the VIP, too',
    modes: ['nat'],
    on: 'real server',
    resources: (context) => [
      liveAddress({
        device: 'lo',
        address: serviceOf(context).address,
        length: 32,
        isThere: true,
      }),
    ],
  },
  {
    id: 'L32',
    title: 'a web server must not read its page',
    modes: everyMode,
    on: 'real server',
    resources: (context: PlayContext): readonly Resource[] => {
      const { nginx, page } = realServerOf(context);
      return [
        file({
          path: `${nginx.prefix}/html/index.html`,
          content: renderTemplate('index.html.hbs', { page }),
          mode: '0600',
        }),
      ];
    },
  },
];

/** nginx with another `listen` for its first service, restarted; those of other services stay. */
function listeningOn(context: PlayContext, instead: string | number): readonly Resource[] {
  const { nginx, nic, port, listeners } = realServerOf(context);
  const asked = serviceOf(context).protocol;
  const portsOf = (wanted: Listener['protocol']) =>
    listeners
      .filter(({ protocol }) => protocol === wanted)
      .map((one) => (wanted === asked && one.port === port ? instead : one.port));
  const configuration = file({
    path: `${nginx.prefix}/conf/nginx.conf`,
    content: renderTemplate('nginx.conf.hbs', {
      tcpPorts: portsOf('tcp'),
      udpPorts: portsOf('udp'),
      rip: nic.address,
    }),
  });
  return [configuration, service({ name: 'nginx', active: true, startedWith: [configuration] })];
}

/** A port that the web server listens at for no service. */
function freePort({ listeners }: RealServer): number {
  const taken = new Set(listeners.map(({ port }) => port));
  let port = OTHER_PORT;
  while (taken.has(port)) port++;
  return port;
}
