import { type GivenAnswers } from './read-answers.ts';

/** The lab of the tutorial, as answers: its hosts, addresses, device names and weights. */
const tutorial = {
  'login.user': 'root',
  'login.method': 'keys',
  'director.name': 'test3',
  'director.address': '192.168.2.130',
  'director.dip_interface': 'ens33',
  'director.dip': '192.168.2.130',
  'director.vip_interface': 'ens37',
  vip: '192.168.4.133',
  port: 80,
  prefix: 24,
  'real_servers.count': 2,
  'login.through_director': false,
  'real_servers.1.name': 'rs1',
  'real_servers.1.address': '192.168.2.128',
  'real_servers.1.interface': 'ens37',
  'real_servers.1.rip': '192.168.2.128',
  'real_servers.1.weight': 1,
  'real_servers.2.name': 'rs2',
  'real_servers.2.address': '192.168.2.129',
  'real_servers.2.interface': 'ens33',
  'real_servers.2.rip': '192.168.2.129',
  'real_servers.2.weight': 2,
  dns: '8.8.8.8',
  'client.kind': 'host',
  'client.name': 'client',
  'client.address': '192.168.4.132',
  'client.cip': '192.168.4.132',
  scheduler: 'wrr',
  mode: 'nat',
  'nginx.version': '1.16.1',
  'nginx.build': 'once',
} as const;

/** Answers that are ready, by the name of their source. */
export const readyAnswers: Readonly<Record<'tutorial', GivenAnswers>> = {
  tutorial: new Map(
    Object.entries(tutorial).map(([name, value]) => [
      name,
      { value, at: { file: '--from tutorial', line: 1, column: 1 } },
    ]),
  ),
};
