import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { type LabIdentity } from '../embedded-lab.ts';
import { labHosts, type LabHostName, type LabHostSpec } from './lab-hosts.ts';
import { removeTree, runProgram } from '../machine/programs.ts';

/** The lab's key pair, for logging in. */
export function userKey({ paths }: LabIdentity): string {
  return path.join(paths.state, 'ssh', 'id_ed25519');
}

/** The private host key of a host; made on the controller, so that the first contact is checked too. */
export function hostKey({ paths }: LabIdentity, host: LabHostName): string {
  return path.join(paths.state, 'ssh', `host-${host}`);
}

/** OpenSSH options that reach a host of the lab, with strict checking of its key. */
export function sshOptions(lab: LabIdentity): readonly string[] {
  return [
    ['ProxyCommand', `ip netns exec ${lab.name} nc %h %p`],
    ['UserKnownHostsFile', path.join(lab.paths.state, 'ssh', 'known_hosts')],
    ['StrictHostKeyChecking', 'yes'],
  ].map(([key = '', value = '']) => `${key}=${value}`);
}

/** The argument list of an SSH session as root on the host; a remote command may follow. */
export function sshCommand(lab: LabIdentity, host: LabHostSpec): readonly string[] {
  const options = [...sshOptions(lab), 'IdentitiesOnly=yes'].flatMap((option) => ['-o', option]);
  return ['ssh', '-F', 'none', '-i', userKey(lab), ...options, `root@${host.address}`];
}

/** Makes the key pairs and the known_hosts file of a new lab; those that are there are kept. */
export async function makeKeys(
  lab: LabIdentity,
  {
    hosts = labHosts,
    signal,
  }: { readonly hosts?: readonly LabHostSpec[]; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const folder = path.join(lab.paths.state, 'ssh');
  const half = path.join(lab.paths.state, 'ssh.half-made');
  if (await readFile(path.join(folder, 'known_hosts')).catch(() => undefined)) return;
  await removeTree(folder);
  await removeTree(half);
  await mkdir(half, { recursive: true, mode: 0o700 });
  const names = [userKey(lab), ...hosts.map(({ name }) => hostKey(lab, name))];
  await Promise.all(
    names.map((file) => makeKey(path.join(half, path.basename(file)), { ...lab, signal })),
  );
  const known = await Promise.all(
    hosts.map(async ({ name, address }) => {
      const publicKey = await readFile(
        path.join(half, `${path.basename(hostKey(lab, name))}.pub`),
        'utf8',
      );
      return `${address} ${publicKey}`;
    }),
  );
  await writeFile(path.join(half, 'known_hosts'), known.join(''));
  await chmod(half, 0o700);
  await rename(half, folder);
}

async function makeKey(
  file: string,
  { name, signal }: LabIdentity & { readonly signal: AbortSignal | undefined },
): Promise<void> {
  const comment = `embedded lab ${name}`;
  await runProgram(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file], {
    step: 'keys',
    signal,
  });
}
