import { labPrefix, type LabHostSpec, type LabNic } from '../lab/lab-hosts.ts';
import { type ImageRecipe } from './image-recipe.ts';

/** Debian as its installer leaves a server: systemd, SSH, and ifupdown for the network. */
export const debianRecipe: ImageRecipe = {
  flavour: 'debian',
  include: ['ifupdown'],
  offline: ['gcc', 'make', 'libc6-dev', 'libpcre3-dev', 'zlib1g-dev', 'libssl-dev', 'ipvsadm'],
  files: [],
  customize: [],
  mask: [],
  hostFiles: (host) => [
    { path: '/etc/network/interfaces', mode: 0o644, content: renderInterfaces(host) },
  ],
};

function renderInterfaces({ nics }: LabHostSpec): string {
  return ['source /etc/network/interfaces.d/*\n', 'auto lo\niface lo inet loopback\n']
    .concat(nics.map(renderInterface).filter((text) => text !== ''))
    .join('\n');
}

function renderInterface({ device, address, gateway }: LabNic): string {
  if (address === undefined) return '';
  const lines = [
    `auto ${device}`,
    `iface ${device} inet static`,
    `    address ${address}/${labPrefix}`,
  ];
  if (gateway !== undefined) lines.push(`    gateway ${gateway}`);
  return `${lines.join('\n')}\n`;
}
