import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { type LabIdentity } from '../embedded-lab.ts';
import { type RootFile } from '../images/recipes/image-recipe.ts';
import { labHosts, type LabHostSpec } from '../lab/lab-hosts.ts';
import { hostKey, userKey } from '../lab/lab-ssh.ts';

/** Where the lab's public key lies in a host; root's own ~/.ssh is left alone. */
const AUTHORIZED_KEY = '/etc/ssh/authorized-lab-key';

/** What makes one host out of the image: names, keys, network. */
export async function hostFiles(
  lab: LabIdentity,
  {
    host,
    all = labHosts,
    network,
  }: {
    readonly host: LabHostSpec;
    /** The hosts of the lab, which know each other by name. */
    readonly all?: readonly LabHostSpec[];
    readonly network: readonly RootFile[];
  },
): Promise<readonly RootFile[]> {
  const privateKey = await readFile(hostKey(lab, host.name), 'utf8');
  const publicKey = await readFile(`${hostKey(lab, host.name)}.pub`, 'utf8');
  return [
    text('/etc/hostname', `${host.hostname}\n`),
    text('/etc/hosts', renderHosts(host, all)),
    // As random as the key that was just made, and as distinct from every other host.
    text(
      '/etc/machine-id',
      `${createHash('sha256').update(publicKey).digest('hex').slice(0, 32)}\n`,
    ),
    { path: '/etc/ssh/ssh_host_ed25519_key', mode: 0o600, content: privateKey },
    text('/etc/ssh/ssh_host_ed25519_key.pub', publicKey),
    text(AUTHORIZED_KEY, await readFile(`${userKey(lab)}.pub`, 'utf8')),
    text(
      '/etc/ssh/sshd_config.d/embedded-lab.conf',
      `AuthorizedKeysFile .ssh/authorized_keys ${AUTHORIZED_KEY}\n`,
    ),
    ...network,
  ];
}

function renderHosts(own: LabHostSpec, all: readonly LabHostSpec[]): string {
  const others = all.map(({ address, name }) => `${address} ${name}`);
  const loopback = ['localhost', own.hostname].filter((name, i, all) => all.indexOf(name) === i);
  return `${[`127.0.0.1 ${loopback.join(' ')}`, '::1 localhost', ...others].join('\n')}\n`;
}

function text(path: string, content: string): RootFile {
  return { path, mode: 0o644, content };
}
