import { endpoint } from '../../../ipvs/virtual-service.ts';
import { RANK, type Rule } from '../../rule.ts';
import { counterProof, inTable, ipvsadm, listed, METHODS } from '../finding-parts.ts';

/** A server stands in the table with another way of handing packets on than the lab's. */
export const wrongMethod: Rule = {
  id: 'L13',
  title: 'a server stands in the table with another forwarding method',
  page: 'L13-wrong-method',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.table,
  find: (of) => {
    const { live, lab } = of;
    if (live === undefined) return 'not told';
    const wanted = METHODS[lab.mode];
    const host = lab.director.name;
    return of.destinations.flatMap((destination) => {
      if (destination.method === wanted.method) return [];
      const at = endpoint(destination);
      const name = lab.servers.find(({ address }) => address === destination.address)?.name ?? at;
      const forgotten =
        lab.mode === 'nat' && destination.method === 'direct-routing'
          ? '-m was left out, and without it ipvsadm means direct routing: with -a, and with -e too'
          : `it was added with another of -m, -g and -i than this lab's ${wanted.flag}`;
      return [
        {
          host,
          what: `hands packets on to ${name} by the wrong method: it drops them`,
          cause: forgotten,
          proof: [
            {
              host,
              command: 'ipvsadm -Ln',
              output: [listed(destination, lab)],
              remark: `should be ${wanted.listed}`,
            },
            ...counterProof(of, at),
          ],
          mend: [
            {
              host,
              command: `${ipvsadm('-e', lab)} -r ${inTable(lab, at)} ${wanted.flag} -w ${destination.weight}`,
            },
          ],
          isDrift: true,
          hits: 'now' as const,
        },
      ];
    });
  },
  hints: [
    'Do all requests fail, or those to one server? Ask a dozen times, and look at the pattern.',
    "What stands in the third column of `ipvsadm -Ln`, and is it this lab's method?",
  ],
};
