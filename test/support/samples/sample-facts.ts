import { type Facts } from '../../../src/platforms/facts/facts.ts';

/** Real server 1 of the tutorial. */
export const el7Facts: Facts = {
  osId: 'centos',
  osVersion: '7',
  osName: 'CentOS Linux 7 (Core)',
  release: '7.5.1804',
  kernel: '3.10.0-862.el7.x86_64',
  architecture: 'x86_64',
  bootId: '9d5e9b1f-5f0c-4f07-8d35-7c8de8a38f49',
  machineId: '5c1d0f0a7f2d4b6c9a3e8d7b6a5f4e3d',
  hostname: 'localhost',
  interfaces: [
    { device: 'ens33', mac: '00:0c:29:53:71:a2', up: true, addresses: ['192.168.2.130/24'] },
    { device: 'ens37', mac: '00:0c:29:53:71:ac', up: true, addresses: ['192.168.2.128/24'] },
  ],
  defaultRoutes: ['default via 192.168.2.2 dev ens37'],
  ipvs: 'loadable',
  freeDiskKiB: new Map([['/', 8_000_000]]),
  epochSeconds: 1_700_000_000,
  systemd: true,
  tools: new Set(['yum', 'rpm', 'systemctl', 'ip', 'ifup', 'getenforce', 'setenforce']),
  selinux: true,
};

/** The same host, installed as a Debian 12. */
export const debianFacts: Facts = {
  ...el7Facts,
  osId: 'debian',
  osVersion: '12',
  osName: 'Debian GNU/Linux 12 (bookworm)',
  release: '12.5',
  kernel: '6.1.0-18-amd64',
  tools: new Set(['apt-get', 'dpkg-query', 'systemctl', 'ip', 'ifup']),
  selinux: false,
};

/** The same host, installed as a Rocky Linux 9. */
export const rocky9Facts: Facts = {
  ...el7Facts,
  osId: 'rocky',
  osVersion: '9.3',
  platformId: 'platform:el9',
  osName: 'Rocky Linux 9.3 (Blue Onyx)',
  release: '9.3',
  kernel: '5.14.0-362.8.1.el9_3.x86_64',
  tools: new Set(['dnf', 'yum', 'rpm', 'systemctl', 'ip', 'nmcli', 'getenforce', 'setenforce']),
};

/** The same host, installed as a CentOS Stream 8. */
export const stream8Facts: Facts = {
  ...rocky9Facts,
  osId: 'centos',
  osVersion: '8',
  platformId: 'platform:el8',
  osName: 'CentOS Stream 8',
  release: '8-stream',
  kernel: '4.18.0-553.el8.x86_64',
};

/** The same host, installed as an Ubuntu 24.04. */
export const ubuntuFacts: Facts = {
  ...debianFacts,
  osId: 'ubuntu',
  osVersion: '24.04',
  osName: 'Ubuntu 24.04.3 LTS',
  release: 'trixie/sid',
  kernel: '6.8.0-45-generic',
  tools: new Set(['apt-get', 'dpkg-query', 'systemctl', 'ip']),
};
