import { z } from 'zod';

import {
  downloadUrl,
  installPrefix,
  interfaceName,
  ipv4,
  lineOfText,
  localPath,
  lvsMode,
  port,
  sha256,
  userName,
  version,
  wholeNumber,
  yesOrNo,
} from './value-schemas.ts';
import { serviceEntry } from './service-schema.ts';
import { type VariableDefinition } from './variable-definition.ts';

/** What the lab's variables are when nobody sets them. */
export const labDefaults = {
  lvs_mode: 'nat',
  lvs_port: 80,
  lvs_scheduler: 'wrr',
  lvs_prefix: 24,
  lvs_weight: 1,
  lvs_dns: [],
  nginx_version: '1.16.1',
  nginx_sha256: 'f11c2a6dd1d3515736f0324857957db2de98be862461b5a542a3ac6188dbe32b',
  nginx_prefix: '/usr/local/nginx',
  nginx_user: 'nginx',
  nginx_configure_args: ['--with-http_ssl_module'],
  nginx_build: 'once',
  selinux: 'disabled',
  el7_vault_url: 'http://vault.centos.org',
} as const;

/** More than a lesson needs, and few enough to be shown. */
const MOST_SERVICES = 50;

const SERVICES = `Several virtual services. Each is a mapping of what differs from the flat variables, all of it optional:

- \`vip\`, \`port\`: where it is asked; another VIP than \`lvs_vip\` lies in the same network, and the director holds it on its
  loopback device. \`protocol\`: \`tcp\`, which nginx answers with the test page, or \`udp\`, which it answers with the RIP.
- \`ports\`: in place of \`port\`, 2 to 15 ports that make one service together (a firewall-mark service): of each new connection,
  whichever port it is for, one scheduler decides, and with \`persistence\` a client has the same server on all of them. nginx
  answers plain HTTP on each, 443 included. The director marks what is for them with \`mark\`, from 1 to 2147483647; not set,
  lvslab chooses one. Packets keep their port: real servers listen on these.
- \`mode\`: as \`lvs_mode\`, for this service. LVS-DR and LVS-TUN go side by side, on a VIP each; LVS-NAT goes with neither, for the
  replies of a real server take one way.
- \`scheduler\`, and \`scheduler_flags\`: a list of \`sh-port\`, \`sh-fallback\`, \`mh-port\`, \`mh-fallback\`.
- \`persistence\`: for so many seconds a client stays on its server; with \`persistence_netmask\`, all clients of one network do.
- \`one_packet\`: each UDP packet is scheduled on its own. Not in LVS-NAT: nobody would rewrite the replies.
- \`servers\`: by host, what differs for this service: its \`weight\` (0: no new connections), its \`port\`;
  \`upper_threshold\`: with so many connections, those of the last two minutes included, it gets no new ones until it has less
  than \`lower_threshold\` (three quarters, where that is not set). Where every server is full, clients are refused.

Entries are told apart by VIP, ports and protocol; the director holds each of them by itself.`;

const ADDRESS = 'an IPv4 address such as 192.168.4.133';
const INTERFACE =
  'the name of a network interface: 1 to 15 letters, digits, dots, dashes, underscores';

/** The variables that describe a lab, in the order of the documentation. */
export const labVariables = {
  lvs_mode: {
    schema: lvsMode,
    expected: 'nat, dr or tun',
    description:
      'How the director hands packets on: `nat` rewrites addresses both ways, with `dr` and `tun` each real server has the VIP and answers past the director; with `tun` it may be in another network ([modes.md](modes.md)).',
    default: code(labDefaults.lvs_mode),
    usedBy: 'the lab',
  },
  lvs_vip: {
    schema: ipv4,
    expected: ADDRESS,
    description: 'The virtual IP: the address that clients ask, on the director.',
    usedBy: 'the lab',
  },
  lvs_port: {
    schema: port,
    expected: 'a port from 1 to 65535',
    description: 'The port of the virtual service.',
    default: code(labDefaults.lvs_port),
    usedBy: 'the lab',
  },
  lvs_scheduler: {
    schema: z.string().regex(/^[a-z]{1,15}$/),
    expected: 'the name of a scheduler, such as wrr',
    description: 'How the director chooses the real server of a new connection.',
    default: code(labDefaults.lvs_scheduler),
    usedBy: 'the lab',
  },
  lvs_services: {
    schema: z.array(serviceEntry).min(1).max(MOST_SERVICES),
    expected: `a list of 1 to ${MOST_SERVICES} services`,
    description: SERVICES,
    default: 'one service, of `lvs_vip`, `lvs_port` and `lvs_scheduler`',
    usedBy: 'the lab',
  },
  lvs_dip: {
    schema: ipv4,
    expected: ADDRESS,
    description:
      "The director's address in the real servers' network; in LVS-NAT it becomes the gateway of every real server.",
    usedBy: 'the lab',
  },
  lvs_prefix: {
    schema: wholeNumber(1, 30),
    expected: 'a prefix length from 1 to 30',
    description: "Prefix length of the director's two networks.",
    default: code(labDefaults.lvs_prefix),
    usedBy: 'the lab',
  },
  lvs_vip_interface: {
    schema: interfaceName,
    expected: INTERFACE,
    description:
      'The network interface towards the clients; it carries the VIP. In LVS-DR and LVS-TUN it may be that of the DIP: the VIP is on the loopback device then.',
    usedBy: 'director',
  },
  lvs_dip_interface: {
    schema: interfaceName,
    expected: INTERFACE,
    description: 'The network interface towards the real servers; it carries the DIP.',
    usedBy: 'director',
  },
  lvs_rip: {
    schema: ipv4,
    expected: ADDRESS,
    description: "The real server's address, in the network of the DIP.",
    default: '`ansible_host`, where that is an IPv4 address',
    usedBy: 'real servers',
  },
  lvs_gateway: {
    schema: ipv4,
    expected: 'an IPv4 address such as 192.168.2.1',
    description:
      'Its default gateway where replies do not pass the director: a router, never the DIP. In LVS-NAT the gateway is the DIP, whatever this says.',
    default: 'the one that it has',
    usedBy: 'real servers',
  },
  lvs_interface: {
    schema: interfaceName,
    expected: INTERFACE,
    description: 'The network interface that carries the RIP.',
    usedBy: 'real servers',
  },
  lvs_weight: {
    schema: wholeNumber(0, 65535),
    expected: 'a whole number from 0 to 65535',
    description: 'Its weight for the scheduler. A server of weight 0 gets no new connections.',
    default: code(labDefaults.lvs_weight),
    usedBy: 'real servers',
  },
  lvs_real_port: {
    schema: port,
    expected: 'a port from 1 to 65535',
    description:
      'The port on which nginx listens there. LVS-NAT maps the port of the service to it, where that has one `port`.',
    default: '`lvs_port`',
    usedBy: 'real servers',
  },
  lvs_dns: {
    schema: z.array(ipv4).max(3),
    expected: 'a list of at most 3 IPv4 addresses',
    description: 'Name servers for its interface.',
    default: 'none',
    usedBy: 'real servers',
  },
  lvs_page: {
    schema: lineOfText,
    expected: 'one line of at most 1000 characters',
    description: 'The content of its test page; it tells which server answered.',
    default: '`I am RIP`, with the address',
    usedBy: 'real servers',
  },
  lvs_cip: {
    schema: ipv4,
    expected: ADDRESS,
    description: "The client's address, from which the traffic comes.",
    default: '`ansible_host`, where that is an IPv4 address',
    usedBy: 'clients',
  },
  nginx_version: {
    schema: version,
    expected: 'a version such as 1.16.1, in quotes',
    description: 'The nginx release that is built from source.',
    default: code(labDefaults.nginx_version),
    usedBy: 'real servers',
  },
  nginx_sha256: {
    schema: sha256,
    expected: 'the SHA-256 of the tarball: 64 hexadecimal digits',
    description: 'What the tarball must hash to; it is checked before anything is unpacked.',
    default: `the known digest for ${labDefaults.nginx_version}; other versions need it set`,
    usedBy: 'real servers',
  },
  nginx_url: {
    schema: downloadUrl,
    expected: 'an http, https or file URL',
    description: 'Where the tarball is downloaded from, by the controller.',
    default: '`http://nginx.org/download/nginx-VERSION.tar.gz`',
    usedBy: 'real servers',
  },
  nginx_tarball: {
    schema: localPath,
    expected: 'the path of a file on this machine',
    description:
      'A tarball on the controller that is used instead of a download; relative paths start at the inventory file.',
    default: 'none, the tarball is downloaded',
    usedBy: 'real servers',
  },
  nginx_prefix: {
    schema: installPrefix,
    expected:
      'an absolute path of its own such as /usr/local/nginx, of letters, digits and . _ + -',
    description: 'Where nginx is installed.',
    default: code(labDefaults.nginx_prefix),
    usedBy: 'real servers',
  },
  nginx_user: {
    schema: userName,
    expected: 'a user name other than root: lower-case letters, digits, dashes, underscores',
    description: 'The user and group that nginx runs as.',
    default: code(labDefaults.nginx_user),
    usedBy: 'real servers',
  },
  nginx_configure_args: {
    schema: z
      .array(lineOfText.regex(/^--/).refine((arg) => !/^--(prefix|user|group)(=|$)/.test(arg)))
      .max(100),
    expected: 'a list of options of ./configure other than --prefix, --user and --group',
    description: 'More options for `./configure`.',
    default: code(`[${labDefaults.nginx_configure_args.join(', ')}]`),
    usedBy: 'real servers',
  },
  nginx_build: {
    schema: z.enum(['once', 'each']),
    expected: 'once or each',
    description:
      'How often nginx is compiled. With `once`, the first of the real servers that are alike compiles it and the others are given its tree: alike are those of the same release, kernel, compiler and libraries, which is compared on the hosts, with the same nginx and options. It is kept on the controller for this lab, for the next time. With `each`, every real server compiles its own.',
    default: code(labDefaults.nginx_build),
    usedBy: 'real servers',
  },
  nginx_takeover: {
    schema: yesOrNo,
    expected: 'yes or no',
    description:
      'Whether an nginx that somebody started by hand, and that holds the port, is stopped for the one that is built. A teardown starts it again as it was. Without it, such a host is refused.',
    default: code('no'),
    usedBy: 'real servers',
  },
  selinux: {
    schema: z.enum(['disabled', 'permissive']),
    expected: 'disabled or permissive',
    description: 'What SELinux is set to on hosts that have it.',
    default: code(labDefaults.selinux),
    usedBy: 'the lab',
  },
  el7_vault_url: {
    schema: downloadUrl,
    expected: 'an http, https or file URL',
    description: 'The archive of CentOS 7 packages; the release is past its end of life.',
    default: code(labDefaults.el7_vault_url),
    usedBy: 'the lab',
  },
} as const satisfies Readonly<Record<string, VariableDefinition>>;

/** Name of a variable of the lab. */
export type LabVariable = keyof typeof labVariables;

/** Values of the lab's variables that are set. */
export type LabSettings = {
  readonly [K in LabVariable]?: z.output<(typeof labVariables)[K]['schema']>;
};

function code(value: string | number): string {
  return `\`${value}\``;
}
