import { endpoint } from '../../../ipvs/virtual-service.ts';
import { RANK, type Rule } from '../../rule.ts';
import { type LabCase } from '../../lab-case.ts';
import { counterProof, inTable, ipvsadm, listed } from '../finding-parts.ts';

/** The table holds a server that is none of the lab's, and that does not answer. */
export const deadServer: Rule = {
  id: 'L16',
  title: 'a server that is none keeps getting requests',
  page: 'L16-dead-server',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.table,
  find: (of) => {
    const { live, lab } = of;
    if (live === undefined) return 'not told';
    if (isUntold(of)) return 'not told';
    const host = lab.director.name;
    return of.destinations.flatMap((destination) => {
      const at = endpoint(destination);
      if (destination.weight === 0) return [];
      if (lab.servers.some(({ address }) => address === destination.address)) return [];
      // On a lab that others have set up, it must have been seen to be silent: the inventory may leave servers out.
      if (!isSilent(of, at) && of.director?.isProvisioned !== true) return [];
      return [
        {
          host,
          what: `gives requests to ${at}, which does not answer them`,
          cause: `${destination.address} stands in the table, and is no real server of the inventory; IPVS does not look whether a server lives`,
          proof: [
            { host, command: 'ipvsadm -Ln', output: [listed(destination, lab)] },
            ...counterProof(of, at),
          ],
          mend: [{ host, command: `${ipvsadm('-d', lab)} -r ${inTable(lab, at)}` }],
          isDrift: true,
          hits: 'now' as const,
        },
      ];
    });
  },
  hints: [
    'Is it always the same share of the requests that fails?',
    'Do you know every server in the table, and does each of them live? `ipvsadm -Ln`',
  ],
};

/** There are servers that the inventory does not have, and what became of their requests was not counted. */
function isUntold(of: LabCase): boolean {
  const strangers = of.destinations.filter(
    ({ address, weight }) => weight > 0 && !of.lab.servers.some((own) => own.address === address),
  );
  return (
    of.director?.isProvisioned !== true &&
    strangers.some((destination) => of.given(endpoint(destination)) === undefined)
  );
}

/** Requests were given to it, and nothing came of them. */
function isSilent(of: LabCase, at: string): boolean {
  const given = of.given(at);
  if (given === undefined || given.connections === 0) return false;
  return of.lab.mode === 'nat' ? given.packetsOut === 0 : of.isFailing === true;
}
