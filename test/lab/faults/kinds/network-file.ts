import { type Site } from '../hosts/site.ts';

/** The file that says what a real server's NIC has at boot, on the host as the lab delivers it. */
export function networkFile({ flavour, host }: Site): string {
  const [{ device } = { device: '' }] = host.spec.nics;
  const files: Readonly<Record<string, string>> = {
    debian: '/etc/network/interfaces',
    el7: `/etc/sysconfig/network-scripts/ifcfg-${device}`,
    'debian-nm': `/etc/NetworkManager/system-connections/${device}.nmconnection`,
    ubuntu: '/etc/netplan/50-cloud-init.yaml',
    'debian-networkd': `/etc/systemd/network/10-${device}.network`,
  };
  return files[flavour] ?? '';
}
