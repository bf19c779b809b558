import { openDownloads } from '../../../src/downloads/fetch-tarball.ts';
import { type PlayContext } from '../../../src/playbook.ts';
import { detectPlatform } from '../../../src/platforms/detect-platform.ts';
import { type Facts } from '../../../src/platforms/facts/facts.ts';
import { type Lab } from '../../../src/lab/lab.ts';
import { networksOf } from '../../../src/lab/lab-networks.ts';
import { type Mode } from '../../../src/lab/modes/mode.ts';
import { nat } from '../../../src/lab/modes/nat.ts';

const nginx = {
  version: '1.16.1',
  sha256: 'f11c2a6dd1d3515736f0324857957db2de98be862461b5a542a3ac6188dbe32b',
  url: 'http://nginx.org/download/nginx-1.16.1.tar.gz',
  prefix: '/usr/local/nginx',
  user: 'nginx',
  configureArguments: ['--with-http_ssl_module'],
};

function realServer(name: string, device: string, address: string, weight: number) {
  const nic = { device, address, prefix: 24, gateway: '192.168.2.130', dns: ['8.8.8.8'] };
  const listeners = [{ protocol: 'tcp', port: 80 }] as const;
  return { name, nic, port: 80, weight, listeners, page: `I am ${address}`, nginx };
}

const hosts: Pick<Lab, 'directors' | 'realServers' | 'clients'> = {
  directors: [
    {
      name: 'director',
      outside: { device: 'ens37', address: '192.168.4.133', prefix: 24, dns: [] },
      inside: { device: 'ens33', address: '192.168.2.130', prefix: 24, dns: [] },
    },
  ],
  realServers: [
    realServer('rs1', 'ens37', '192.168.2.128', 1),
    realServer('rs2', 'ens33', '192.168.2.129', 2),
  ],
  clients: [{ name: 'client', address: '192.168.4.132' }],
};

/** The tutorial's lab. */
export const sampleLab: Lab = {
  mode: nat,
  ...hosts,
  networks: networksOf(hosts),
  services: [
    {
      protocol: 'tcp',
      address: '192.168.4.133',
      port: 80,
      scheduler: 'wrr',
      destinations: [
        { address: '192.168.2.128', port: 80, method: 'masquerading', weight: 1 },
        { address: '192.168.2.129', port: 80, method: 'masquerading', weight: 2 },
      ],
    },
  ],
  selinux: 'disabled',
  vaultUrl: 'http://vault.centos.org',
};

/** The tutorial's lab, in another mode. */
export function sampleLabIn(mode: Mode): Lab {
  const services = sampleLab.services.map((service) => ({
    ...service,
    destinations: service.destinations.map((one) => ({ ...one, method: mode.method })),
  }));
  return { ...sampleLab, mode, services };
}

/** What the plays get for one host of that lab. */
export function sampleContext(name: string, facts: Facts): PlayContext {
  return {
    name,
    lab: sampleLab,
    platform: detectPlatform(facts),
    facts,
    downloads: openDownloads('/nowhere'),
  };
}
