import { type NamedCause } from './diagnosis.ts';
import { type LabCase, type ReadServer } from './lab-case.ts';

/** What was seen to be as it should be, a sentence each; hosts with a cause of their own are left out. */
export function whatHolds(of: LabCase, causes: readonly NamedCause[]): readonly string[] {
  const isFine = (name: string): boolean => !causes.some(({ host }) => host === name);
  const servers = of.servers.filter(({ server }) => isFine(server.name));
  return [
    ...(isFine(of.lab.director.name) ? directorHolds(of) : []),
    ...servers.flatMap((server) => serverHolds(of, server)),
  ];
}

function directorHolds(of: LabCase): readonly string[] {
  const { director, lab, live } = of;
  if (director === undefined) return [];
  const parts = [
    ...(typeof live === 'object' ? ['has the service'] : []),
    ...(lab.mode === 'nat' && director.settings?.['net.ipv4.ip_forward'] === '1'
      ? ['forwards (ip_forward 1)']
      : []),
    ...losses(of),
  ];
  return parts.length === 0 ? [] : [`${lab.director.name} ${parts.join(', ')}`];
}

function losses(of: LabCase): readonly string[] {
  const { director } = of;
  const wrongAddress = of.rise(director, 'IpInAddrErrors');
  const reversePath = of.rise(director, 'TcpExtIPReversePathFilter');
  if (wrongAddress === undefined || reversePath === undefined) return [];
  const filtered = of.stopped(director)?.reduce((sum, { stopped }) => sum + stopped, 0);
  const firewall = filtered === undefined ? '' : `, firewall +${filtered}`;
  return [`counts losses of InAddrErrors +${wrongAddress}, rp_filter +${reversePath}${firewall}`];
}

function serverHolds(of: LabCase, { server, at, reading }: ReadServer): readonly string[] {
  if (reading === undefined) return [];
  const given = of.given(at);
  const isReplying = given !== undefined && given.packetsOut > 0;
  const isAnswering = of.results.some((result) => result.server === server.name);
  if (of.lab.mode === 'nat' && isReplying && isAnswering) {
    return [`${server.name} replies through the director (OutPkts +${given.packetsOut})`];
  }
  return isAnswering ? [`${server.name} answers`] : [];
}
