import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { stringify } from 'yaml';

import { EmbeddedLabError } from '../../engine/model/failures/errors.ts';
import { type LabIdentity } from '../embedded-lab.ts';
import { type LabFlavour } from '../images/recipes/image-recipe.ts';
import { hostsOfLab, type LabHostSpec, labPrefix } from './lab-hosts.ts';
import { isRouted, type LabMode } from './lab-modes.ts';
import { readRecord } from './lab-record.ts';
import { sshOptions, userKey } from './lab-ssh.ts';
import { findNginxTarball } from '../images/nginx-tarball.ts';

/** Where the el7 image holds its copy of the archive of CentOS releases. */
const EL7_VAULT_URL = 'file:///opt/vault';

/** The address that provisioning gives to the director's second NIC: the VIP. */
const VIP = '192.168.4.133';

/**
 * The inventory of a lab, in Ansible's YAML format.
 * @throws EmbeddedLabError before the lab was first brought up: the release of nginx is not known then.
 */
export async function labInventory(lab: LabIdentity): Promise<string> {
  const tarball = await findNginxTarball(lab.paths.cache);
  if (tarball === undefined) {
    throw new EmbeddedLabError(`there is no lab ${lab.name} yet`, {
      step: 'inventory',
      hint: `Bring it up with \`lvslab lab up\`.`,
    });
  }
  const sha256 = createHash('sha256')
    .update(await readFile(tarball))
    .digest('hex');
  const record = await readRecord(lab);
  return renderInventory(lab, {
    flavour: record?.flavour ?? 'debian',
    mode: record?.mode,
    realServers: record?.realServers,
    nginx: { tarball, sha256 },
  });
}

/** The inventory as text, with what is known of the nginx release tarball. */
export function renderInventory(
  lab: LabIdentity,
  {
    flavour,
    mode,
    realServers,
    nginx,
  }: {
    readonly flavour: LabFlavour;
    /** Not set, LVS-NAT. */
    readonly mode?: LabMode | undefined;
    /** Not set, as many as in the documented lab. */
    readonly realServers?: number | undefined;
    readonly nginx: { readonly tarball: string; readonly sha256: string };
  },
): string {
  const [, version] = /^nginx-(.*)\.tar\.gz$/.exec(path.basename(nginx.tarball)) ?? [];
  const hosts = hostsOfLab(realServers);
  const group = (
    name: LabHostSpec['group'],
    variables: (host: LabHostSpec) => Readonly<Record<string, unknown>>,
  ) => groupOf(hosts, name, variables);
  const inventory = {
    all: {
      vars: {
        ansible_user: 'root',
        ansible_ssh_private_key_file: userKey(lab),
        ansible_ssh_common_args: sshOptions(lab).map(asOption).join(' '),
        ...(isRouted(mode) && { lvs_mode: mode }),
        lvs_vip: VIP,
        lvs_port: 80,
        lvs_scheduler: 'wrr',
        lvs_dip: hosts.find(({ name }) => name === 'director')?.address,
        lvs_prefix: labPrefix,
        nginx_version: version,
        nginx_sha256: nginx.sha256,
        nginx_tarball: nginx.tarball,
        // The stand-in brings its vault along: there is no internet in the lab.
        ...(flavour === 'el7' && { el7_vault_url: EL7_VAULT_URL }),
      },
      children: {
        director: group('director', () => ({
          lvs_vip_interface: 'ens37',
          lvs_dip_interface: 'ens33',
        })),
        real_servers: group('real_servers', ({ name, address, nics: [nic] }) => ({
          lvs_rip: address,
          lvs_interface: nic?.device,
          ...(isRouted(mode) && { lvs_gateway: nic?.gateway }),
          lvs_weight: name === 'rs2' ? 2 : 1,
        })),
        clients: group('clients', ({ address, nics: [nic] }) => ({
          lvs_cip: address,
          lvs_interface: nic?.device,
        })),
      },
    },
  };
  return comment + stringify(inventory, { lineWidth: 0 });
}

const comment = `# The embedded lab: the documented addresses and device names, inside a network namespace of this machine.
# Ansible reads this file too. The release of nginx is the one that Debian's signed source package holds.
`;

function groupOf(
  all: readonly LabHostSpec[],
  name: LabHostSpec['group'],
  variables: (host: LabHostSpec) => Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const hosts = all.filter((host) => host.group === name);
  const entries = hosts.map((host) => [
    host.name,
    { ansible_host: host.address, ...variables(host) },
  ]);
  return { hosts: Object.fromEntries(entries) as Readonly<Record<string, unknown>> };
}

function asOption(option: string): string {
  return option.includes(' ') ? `-o '${option}'` : `-o ${option}`;
}
