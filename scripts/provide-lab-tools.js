// Installs the programs that the embedded lab runs and that this machine lacks, as `lvslab lab up` would; for its tests,
// which run a DHCP server beside it.
import { existsSync } from 'node:fs';
import { installTools, missingTools } from '../dist/embedded/machine/system-packages.js';

const dhcpServer = { program: 'dnsmasq', package: 'dnsmasq-base' };
const missing = [...missingTools(), ...(existsSync('/usr/sbin/dnsmasq') ? [] : [dhcpServer])];
if (missing.length > 0) {
  console.error(`lvslab: installing ${missing.map((tool) => tool.package).join(', ')}`);
  await installTools(missing, {});
}
