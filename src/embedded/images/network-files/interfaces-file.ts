import { type ConfiguredNic, labPrefix } from '../../lab/lab-hosts.ts';
import { type RootFile } from '../recipes/image-recipe.ts';

/** ifupdown's configuration: the loopback device, and these NICs. */
export function interfacesFile(nics: readonly ConfiguredNic[]): RootFile {
  const content = [
    'source /etc/network/interfaces.d/*\n',
    'auto lo\niface lo inet loopback\n',
    ...nics.map(renderInterface),
  ].join('\n');
  return { path: '/etc/network/interfaces', mode: 0o644, content };
}

function renderInterface({ device, address, gateway }: ConfiguredNic): string {
  const lines = [
    `auto ${device}`,
    `iface ${device} inet static`,
    `    address ${address}/${labPrefix}`,
  ];
  if (gateway !== undefined) lines.push(`    gateway ${gateway}`);
  return `${lines.join('\n')}\n`;
}
