import { type LabCase } from '../../lab-case.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';

/** The client sends what is for the VIP to a NIC that is not the director's, nor a real server's. */
export const staleNeighbour: Rule = {
  id: 'L10',
  title: 'the client knows an old MAC address for the VIP',
  page: 'L10-stale-neighbour',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.vip,
  keepsFrom: 'director',
  find: (of) => {
    const seen = of.vipMac;
    const own = of.macOf(of.lab.director.name, of.lab.director.outside);
    // Behind a router the client has no address for it.
    if (seen === undefined && of.client?.neighbours !== undefined) return [];
    if (seen === undefined || own === undefined) return of.unlessPassing;
    if (seen === 'failed' || seen === own || of.holderOf(seen) !== undefined) return [];
    return areHoldersRead(of) ? [findingOf(of, seen, own)] : 'not told';
  },
  hints: [
    'Do the counters of `ipvsadm -Ln --stats` stand still while the client asks?',
    'Whose MAC address does the client have for the VIP? `ip neigh show`, and `ip link` on the director',
  ],
};

/** It may be an address of a host that could not be read. */
function areHoldersRead(of: LabCase): boolean {
  const isRead = of.servers.every(({ reading }) => reading?.links !== undefined);
  return isRead && Object.keys(of.readings.unreachable).length === 0;
}

function findingOf(of: LabCase, seen: string, own: string): Finding {
  const { outside } = of.lab.director;
  const host = of.lab.client.name;
  const device = of.client?.routes?.[of.vip]?.device ?? 'DEVICE';
  return {
    host,
    what: "sends its requests to a NIC that is not the director's",
    cause: `it remembers ${seen} for ${of.vip}: the director that had the VIP before, or another host that answered first`,
    proof: [
      {
        host,
        command: `ip neigh show ${of.vip}`,
        output: [`${of.vip} lladdr ${seen}`],
        remark: `should be ${own}`,
      },
    ],
    mend: [
      {
        host: of.lab.director.name,
        command: `arping -U -c 3 -I ${outside} -s ${of.vip} ${of.vip}`,
      },
      { host, command: `ip neigh del ${of.vip} dev ${device}` },
    ],
    isDrift: false,
    hits: 'now',
  };
}
