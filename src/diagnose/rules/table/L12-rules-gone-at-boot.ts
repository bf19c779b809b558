import { type Finding, RANK, type Rule } from '../../rule.ts';
import { type LabCase, type LiveService } from '../../lab-case.ts';
import { type IpvsReading } from '../../readings/readings.ts';
import { listing } from '../finding-parts.ts';
import { serviceTitle } from '../../../ipvs/virtual-service.ts';

type Boot = NonNullable<IpvsReading['boot']>;

/** The next boot will not bring the service back as it is, nor as the inventory has it. */
export const rulesGoneAtBoot: Rule = {
  id: 'L12',
  title: 'the virtual service is gone after a boot',
  page: 'L12-rules-gone-at-boot',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.boot,
  find: (of) => {
    const { director } = of;
    const boot = director?.ipvs?.boot;
    if (boot === undefined || director?.units === undefined) return 'not told';
    // Whoever checks servers also fills the table at boot.
    if (of.unit('director', 'keepalived')?.active === 'active') return [];
    const cause = whyGone(of, boot);
    if (cause === undefined) return [];
    return [findingOf(of, boot, cause)];
  },
  hints: [
    'All is well now. Would it be after a reboot?',
    'Which file does the unit ipvsadm load, what stands in it, and is the unit enabled? `systemctl cat ipvsadm; systemctl is-enabled ipvsadm`',
  ],
};

function findingOf(of: LabCase, boot: Boot, cause: string): Finding {
  const host = of.lab.director.name;
  const saved = typeof of.atBoot === 'object' ? listing(of.atBoot) : ['(no such service)'];
  const switchOn = `sed -i 's/^AUTO=.*/AUTO="true"/' /etc/default/ipvsadm`;
  return {
    host,
    what: `will not have the service ${serviceTitle(of.lab.service)} after the next boot`,
    cause,
    proof: [
      {
        host,
        command: `systemctl is-enabled ipvsadm; cat ${boot.path}`,
        output: [of.unit('director', 'ipvsadm')?.enabled ?? 'not-found', ...saved],
      },
    ],
    mend: [
      { host, command: `ipvsadm-save -n > ${boot.path}` },
      ...(boot.auto === false ? [{ host, command: switchOn }] : []),
      { host, command: 'systemctl enable ipvsadm' },
    ],
    isDrift: true,
    hits: 'after a boot',
  };
}

function whyGone(of: LabCase, boot: Boot): string | undefined {
  return whyNotLoaded(of, boot) ?? whatIsMissing(of, boot);
}

function whyNotLoaded(of: LabCase, { path, auto }: Boot): string | undefined {
  const unit = of.unit('director', 'ipvsadm');
  if (unit === undefined || unit.load === 'not-found') {
    return 'there is no service ipvsadm that would load any rules';
  }
  if (unit.enabled === 'disabled' || unit.enabled === 'masked') {
    return `the service ipvsadm, which loads the rules, is ${unit.enabled}`;
  }
  return auto === false
    ? `AUTO in /etc/default/ipvsadm is not "true", so the file ${path} is never loaded`
    : undefined;
}

function whatIsMissing(
  { atBoot, live, lab }: LabCase,
  { path, problem }: Boot,
): string | undefined {
  if (problem !== undefined) return `${path} can't be loaded: ${problem}`;
  if (atBoot === 'none' || atBoot === undefined) {
    return `${path}, which the service loads, does not hold the service: the rules were never saved, or into another file`;
  }
  const isRight = isSame(atBoot, lab.service) || (typeof live === 'object' && isSame(atBoot, live));
  return isRight
    ? undefined
    : `${path} holds another service than the kernel has now, and than the inventory says`;
}

/** Two services that give the same requests to the same servers. */
function isSame(one: LiveService, other: LiveService): boolean {
  const key = (service: LiveService): string =>
    JSON.stringify([
      service.scheduler,
      service.destinations
        .map(({ address, port, method, weight }) => [address, port, method, weight].join(' '))
        .toSorted(),
    ]);
  return key(one) === key(other);
}
