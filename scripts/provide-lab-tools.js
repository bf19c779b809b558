// Installs the programs that the embedded lab runs and that this machine lacks, as `lvslab lab up` would; for its tests,
// which run a DHCP server and a registry of images beside it.
import { existsSync } from 'node:fs';
import { installTools, missingTools } from '../src/embedded/machine/system-packages.ts';
import { imageTools } from '../src/embedded/machine/system-tools.ts';

const dhcpServer = { program: 'dnsmasq', packages: { apt: 'dnsmasq-base' } };
const registry = { program: 'docker-registry', packages: { apt: 'docker-registry' } };
const missing = [
  ...missingTools(),
  ...missingTools(imageTools),
  ...(existsSync('/usr/sbin/dnsmasq') ? [] : [dhcpServer]),
  ...(existsSync('/usr/bin/docker-registry') ? [] : [registry]),
];
if (missing.length > 0) {
  console.error(`lvslab: installing ${missing.map((tool) => tool.program).join(', ')}`);
  await installTools(missing, {});
}
