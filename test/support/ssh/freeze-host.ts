import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

import { labCgroup, type LabIdentity } from '../../../src/embedded/embedded-lab.ts';
import { type LabHostName } from '../../../src/embedded/lab/lab-hosts.ts';

/** Stops the time for all processes of a host: they are there, and do nothing. */
export async function freezeHost(lab: LabIdentity, host: LabHostName): Promise<void> {
  await setFrozen(lab, host, '1');
}

/** Lets a frozen host go on. */
export async function thawHost(lab: LabIdentity, host: LabHostName): Promise<void> {
  await setFrozen(lab, host, '0');
}

async function setFrozen(lab: LabIdentity, host: LabHostName, value: string): Promise<void> {
  const [tree = ''] = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].filter(existsSync);
  await writeFile(`${tree}/${labCgroup(lab, host)}/cgroup.freeze`, value);
}
