import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { startSshd, type TestSshd } from './sshd.ts';

/** A host of the lab for programs that log in: this machine, with other folders in the places where a lab changes things. */
export interface DisguisedHost {
  readonly sshd: TestSshd;
  /** Shell that runs at the beginning of every session: what is wrong with the host. */
  breakIt(script: string): Promise<void>;
  /** A path of the host as it is seen from here; only for the folders that are its own. */
  at(file: string): string;
  stop(): Promise<void>;
}

/** What is the host's own; each lasts from one session to the next. */
const OWN = ['/etc', '/usr/local', '/var/lib', '/run'] as const;

/**
 * Debian with systemd, ifupdown and both NICs of the director, reached at 127.0.0.1 and 127.0.0.2. What a session mounts,
 * plugs in or is called stays in namespaces that end with it. Needs root.
 */
export async function startDisguisedHost(): Promise<DisguisedHost> {
  const { folder, at, forceCommand } = await makeDisguise();
  const sshd = await startSshd({
    config: ['ListenAddress 127.0.0.2', `ForceCommand ${forceCommand}`],
  });
  return {
    sshd,
    breakIt: (script) => writeFile(at('/broken'), `${script}\n`),
    at,
    stop: async () => {
      await sshd.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** What a disguised host is made of, for whoever serves it. */
export interface Disguise {
  readonly folder: string;
  /** A path of the host as it is seen from here. */
  readonly at: (file: string) => string;
  /** Shell that runs $SSH_ORIGINAL_COMMAND on the host. */
  readonly forceCommand: string;
}

/** Makes the folders of a disguised host, and the program that every session of it runs in. */
export async function makeDisguise(): Promise<Disguise> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-disguise-'));
  const at = (file: string): string => path.join(folder, file);
  for (const own of OWN) await mkdir(at(own), { recursive: true });
  await mkdir(at('/run/systemd/system'), { recursive: true });
  await mkdir(at('/usr/local/sbin'));
  await writeFile(at('/usr/local/sbin/ifup'), '#!/bin/sh\n', { mode: 0o755 });
  // Other tests make accounts meanwhile: their locks come and go.
  const copy = 'tar -C /etc --exclude="*.lock" -c . | tar -C "$0" -xp';
  await promisify(execFile)('sh', ['-c', copy, at('/etc')]);
  await writeFile(at('/etc/hostname'), 'before');
  await writeFile(at('/broken'), ':\n');
  const disguise = at('/disguise');
  await writeFile(
    disguise,
    `#!/bin/sh
for own in ${OWN.join(' ')}; do mount --bind ${folder}$own $own || exit 1; done
ip link add ens33 type veth peer name ens37
ip addr add 192.168.2.130/24 dev ens33
. ${folder}/broken
exec sh -c "$SSH_ORIGINAL_COMMAND"
`,
  );
  await chmod(disguise, 0o755);
  return { folder, at, forceCommand: `unshare -mnu ${disguise}` };
}

/** An inventory of a director and a real server that are both this host. */
export function disguisedInventory({
  port,
  keyFile,
  sshArgs,
}: Pick<TestSshd, 'port' | 'keyFile' | 'sshArgs'>): string {
  return `all:
  vars:
    ansible_user: root
    ansible_host: 127.0.0.1
    ansible_port: ${port}
    ansible_ssh_private_key_file: ${keyFile}
    ansible_ssh_common_args: ${sshArgs}
    lvs_vip: 192.168.4.133
    lvs_dip: 192.168.2.130
    lvs_scheduler: wrr
director:
  hosts:
    lb1:
      lvs_vip_interface: ens37
      lvs_dip_interface: ens33
real_servers:
  hosts:
    rs1:
      ansible_host: 127.0.0.2
      lvs_rip: 192.168.2.128
      lvs_interface: ens33
`;
}
