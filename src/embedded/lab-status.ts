import { isPopulated } from './cgroups.ts';
import { labCgroup, type LabIdentity } from './embedded-lab.ts';
import { labHosts, type LabHostSpec } from './lab-hosts.ts';
import { type LabRecord, readRecord } from './lab-record.ts';
import { letsUsIn } from './wait-for-host.ts';

/** One host as it is now. */
interface HostStatus {
  readonly host: LabHostSpec;
  /** 'container', 'vm, tcg'. */
  readonly runsAs: string;
  /** 'up': booted and reachable over SSH; 'unreachable': its processes run, but that is all. */
  readonly state: 'up' | 'unreachable' | 'off';
}

/** A lab as it is now. */
export interface LabStatus {
  readonly record: LabRecord;
  readonly hosts: readonly HostStatus[];
}

/** How the lab stands, or undefined where there is none of that name; needs root. */
export async function labStatus(lab: LabIdentity): Promise<LabStatus | undefined> {
  const record = await readRecord(lab);
  if (record === undefined) return undefined;
  const hosts = labHosts.map(async (host) => ({
    host,
    runsAs: runsAs(record, host),
    state: await stateOf(lab, host),
  }));
  return { record, hosts: await Promise.all(hosts) };
}

/** What a host runs in: 'container', 'vm, tcg'. */
function runsAs({ director, accelerator }: LabRecord, { group }: LabHostSpec): string {
  if (group !== 'director') return 'container';
  return accelerator === undefined ? director : `${director}, ${accelerator}`;
}

async function stateOf(lab: LabIdentity, host: LabHostSpec): Promise<HostStatus['state']> {
  if (!(await isPopulated(labCgroup(lab, host.name)))) return 'off';
  return (await letsUsIn(lab, { host })) ? 'up' : 'unreachable';
}
