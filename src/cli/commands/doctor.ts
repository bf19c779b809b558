import { labNamed, defaultLabName } from '../../embedded/embedded-lab.ts';
import { hostsMatching } from '../../inventory/groups/host-pattern.ts';
import { connect } from '../session/hosts/connect.ts';
import { checkHost } from '../doctor/check-host.ts';
import { checkMachine } from '../doctor/check-machine.ts';
import { type Finding, findingsTable } from '../doctor/finding.ts';
import { EXIT } from '../exit-codes.ts';
import { type FlagGroups, type LabFlags, type OptionalInventoryFlags } from '../flags.ts';
import { type DescribedLab, describeLab } from '../session/hosts/open-lab.ts';
import { readLab } from './proof/diagnose.ts';
import { runTask } from '../../verify/run-task.ts';
import { type Screen, withScreen } from '../terminal/screen.ts';

/** `lvslab doctor`: can this machine, and these hosts, do it; and if not, why. */
export async function doctor(
  flags: Pick<FlagGroups, 'output' | 'credentials'> & {
    readonly inventory: OptionalInventoryFlags;
  },
): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    const { inventory: named, credentials } = flags;
    const { inventory: file } = named;
    const machine = await checkMachine(labNamed(defaultLabName).paths.cache);
    await screen.reporter.table(findingsTable('This machine', machine));
    const hosts =
      file === undefined
        ? []
        : await checkHosts({ inventory: { ...named, inventory: file }, credentials }, screen);
    return [...machine, ...hosts].some(({ judgement }) => judgement === 'failed')
      ? EXIT.failed
      : EXIT.ok;
  });
}

async function checkHosts(flags: LabFlags, screen: Screen): Promise<readonly Finding[]> {
  const described = await describeLab(flags, screen);
  const { inventory, lab, access } = described;
  const limited = new Set(hostsMatching(inventory, flags.inventory.limit ?? 'all'));
  // What is in no role, and out of reach, is no part of the lab.
  const hosts = [...inventory.hosts.values()].filter(
    ({ name, unusable }) => limited.has(name) && unusable === undefined,
  );
  const outcomes = await Promise.allSettled(
    hosts.map((host) =>
      runTask(`look at ${host.name}`, screen.reporting, () =>
        checkHost({
          name: host.name,
          lab,
          connect: () => connect(host, access, screen, { readAtOnce: true }),
          epochSeconds: () => Date.now() / 1000,
          signal: screen.signal,
        }),
      ),
    ),
  );
  const findings = outcomes.flatMap((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  // A host that can't be read once is not asked a second time.
  const readable = hosts.filter((_, i) => {
    const outcome = outcomes[i];
    return (
      outcome?.status === 'fulfilled' &&
      outcome.value.every(({ judgement }) => judgement !== 'failed')
    );
  });
  const names = new Set(readable.map(({ name }) => name));
  const all = [...findings, ...(await causesOn(described, names, screen))];
  await screen.reporter.table(findingsTable(`The hosts of ${flags.inventory.inventory}`, all));
  return all;
}

/** What `diagnose` would call wrong of hosts that are no lab yet. */
async function causesOn(
  described: DescribedLab,
  names: ReadonlySet<string>,
  screen: Screen,
): Promise<readonly Finding[]> {
  if (names.size === 0) return [];
  const { diagnose } = await import('../../diagnose/diagnosis.ts');
  const { rules } = await import('../../diagnose/rules/rules.ts');
  const bare = rules.filter(({ isForBareHosts }) => isForBareHosts === true);
  const all = await readLab(described, screen, { requests: 0 }, names);
  const causes = all.flatMap((readings) => diagnose(readings, bare).causes);
  return causes.map(({ id, host, what, cause }) => ({
    subject: `${host}: ${id}`,
    judgement: 'failed',
    text: `it ${what}: ${cause}`,
  }));
}
