import { boundariesAt, boundariesOf, comesTo, killsAt, momentOf } from './controller-killed.ts';
import { applyAndAct } from '../course/moments.ts';
import { expectCutOff, offAndOn } from './power-faults.ts';
import { type Case, onBoth, onDebian, type Scenario } from '../course/scenario.ts';
import { type Site, statesOf } from '../hosts/site.ts';

const onRealServer = { place: 'real server', isInFastSubset: false } as const;

const killedAnywhere: Pick<Scenario, 'cases' | 'isInFastSubset' | 'place'> = {
  ...onRealServer,
  cases: (site) => killsAt(site, boundariesOf, expectSilence),
};

const powerCutAnywhere: Pick<Scenario, 'answer' | 'cases' | 'isInFastSubset' | 'place'> = {
  ...onRealServer,
  answer: 'it boots silent, or without the VIP; the next run goes on',
  cases: ({ reference }) => [
    ...boundariesOf(reference.apply).map((index) => cutAt(reference, 'apply', index)),
    ...boundariesOf(reference.teardown).map((index) => cutAt(reference, 'teardown', index)),
  ],
};

export const killedBesideVip: Scenario = {
  ...killedAnywhere,
  fault:
    'LVS-DR: lvslab is killed (SIGKILL) at every step boundary while a real server gets or loses the VIP',
  injected: 'as above',
  answer:
    'as above; and at no moment has the server the VIP without being silent about it, so that it is never asked in the director’s stead',
  flavours: onBoth,
};

export const powerCutBesideVip: Scenario = {
  ...powerCutAnywhere,
  fault: 'LVS-DR: a real server loses its power at any of these boundaries',
  injected: 'all of its processes end at once (cgroup.kill); then it boots again',
  flavours: onBoth,
};

export const killedBesideTunnel: Scenario = {
  ...killedAnywhere,
  fault:
    'LVS-TUN: lvslab is killed (SIGKILL) at every step boundary while a real server gets or loses the VIP and its tunnel',
  injected: 'as above, on virtual machines: their kernel has ipip',
  answer: 'as above',
  flavours: onDebian,
};

export const powerCutBesideTunnel: Scenario = {
  ...powerCutAnywhere,
  fault: 'LVS-TUN: a real server loses its power at any of these boundaries',
  injected: 'the virtual machine is killed; then it boots again',
  flavours: onDebian,
};

export const killedOnVipDirector: Scenario = {
  fault: 'LVS-DR: lvslab is killed while it changes the director',
  injected:
    'where the play begins and ends, where its network is to be confirmed, where the live table is there, and where its neighbours are told of the VIP',
  answer: 'the next run does what is left, and tells the neighbours',
  flavours: onDebian,
  place: 'director',
  isInFastSubset: false,
  cases: (site) => killsAt(site, (run) => boundariesAt(run, telling)),
};

const telling = [
  /^play-/,
  /^step-confirming /,
  /^step-finished ipvs service /,
  /^step-finished owner of /,
];

function cutAt(reference: Site['reference'], command: 'apply' | 'teardown', index: number): Case {
  const { from, to } = statesOf[command];
  return {
    moment: `${command}: ${momentOf(reference[command], index) ?? ''}`,
    run: async (site) => {
      await site.begin(from);
      const isThere = comesTo(site.reference[command], index);
      const run = await applyAndAct(site, isThere, () => offAndOn(site), {
        command,
        limitMs: site.host.isVirtualMachine ? 240_000 : 120_000,
      });
      // The last steps may have been over by then.
      if (run.exitCode !== 0) expectCutOff(site, run);
      await site.expectWholeFiles();
      await expectSilence(site);
      await site.expectRecovery(to);
    },
  };
}

/** Shell that says what is wrong where the host has an address for itself, and would answer for it all the same. */
const printNoise = `if ip -o -4 addr show | grep -Eq ' (lo|tunl0) .* scope global '; then
  [ "$(cat /proc/sys/net/ipv4/conf/all/arp_ignore)" = 1 ] || echo 'it answers ARP for the VIP'
  [ "$(cat /proc/sys/net/ipv4/conf/all/arp_announce)" = 2 ] || echo 'it asks by ARP as the VIP'
fi`;

async function expectSilence(site: Site): Promise<void> {
  const noise = await site.host.inside(printNoise);
  if (noise !== '') throw new Error(`${site.host.name}: ${noise}`);
}
