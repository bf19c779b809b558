import { RANK, type Rule } from '../../rule.ts';
import { type LabCase, type LiveService } from '../../lab-case.ts';
import { ipvsadm, listing } from '../finding-parts.ts';

/** Schedulers that give all connections of one client to one server, because they are meant to. */
const BY_ADDRESS = new Set(['sh', 'dh', 'lblc', 'lblcr', 'mh']);

/** One client always gets the same server, which the inventory does not ask for. */
export const notBalanced: Rule = {
  id: 'L15',
  title: 'one client always gets the same server',
  page: 'L15-not-balanced',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.balance,
  find: (of) => {
    const { live, lab } = of;
    if (live === undefined) return 'not told';
    if (live === 'none' || live.destinations.filter(({ weight }) => weight > 0).length < 2)
      return [];
    const cause = whySticky(of, live);
    if (cause === undefined) return [];
    const host = lab.director.name;
    return [
      {
        host,
        what: 'gives all connections of one client to the same server',
        cause,
        proof: [{ host, command: 'ipvsadm -Ln', output: listing(live).slice(0, 1) }],
        mend: [
          {
            host,
            command: `${ipvsadm('-E', lab)} -s ${lab.service.scheduler}${optionsOf(lab.service)}`,
          },
        ],
        isDrift: true,
        hits: 'now',
      },
    ];
  },
  hints: [
    'Ask a dozen times over new connections: do the pages alternate?',
    'What stands behind the service in `ipvsadm -Ln`: which scheduler, and is it persistent?',
  ],
};

function whySticky({ lab }: LabCase, live: LiveService): string | undefined {
  const seconds = persistence(live);
  if (seconds !== undefined && persistence(lab.service) === undefined) {
    return `the service is persistent: for ${seconds} s a client keeps the server that it got first`;
  }
  if (BY_ADDRESS.has(live.scheduler) && !BY_ADDRESS.has(lab.service.scheduler)) {
    return `the scheduler is ${live.scheduler}, which goes by addresses, and not ${lab.service.scheduler}`;
  }
  return undefined;
}

function persistence({ options = '' }: Pick<LiveService, 'options'>): string | undefined {
  return /(?:^| )-p ?(\d*)/.exec(options)?.[1];
}

function optionsOf({ options }: Pick<LiveService, 'options'>): string {
  return options === undefined ? '' : ` ${options}`;
}
