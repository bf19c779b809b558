import { UsageError } from '../../../engine/model/failures/errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { type FlagGroups, type LabFlags } from '../../flags.ts';
import { nameCauses } from '../../session/name-causes.ts';
import { type DescribedLab, describeLab } from '../../session/hosts/open-lab.ts';
import { type Screen, withScreen } from '../../terminal/screen.ts';
import { openProbe } from '../../session/hosts/open-probe.ts';
import { type DrillReport } from '../../../verify/report.ts';
import { testEachService } from './verify.ts';

/** What `lvslab drill` takes beside the lab. */
interface DrillFlags {
  /** Ask the VIP all the time, and show what became of it. */
  readonly probe?: boolean;
}

/** `lvslab drill`: stops the real servers one by one and shows that the director does not take over. */
export async function drill(
  flags: LabFlags & Pick<FlagGroups, 'output'> & DrillFlags,
): Promise<number> {
  return await withScreen(flags.output, async (screen) =>
    drillDescribed(await describeLab(flags, screen), screen, flags),
  );
}

/** Carries the drill out on a lab; resolves to an exit status. */
export async function drillDescribed(
  described: DescribedLab,
  screen: Screen,
  flags: DrillFlags = {},
): Promise<number> {
  const [{ drillLab }, { drillTables }] = await Promise.all([
    import('../../../verify/drill-lab.ts'),
    import('../../../verify/tables.ts'),
  ]);
  const { lab } = described;
  const services = lab.services.filter(({ protocol }) => protocol === 'tcp');
  if (services.length < lab.services.length) {
    screen.reporter.say('Services over UDP are left out: nobody refuses a datagram for certain.');
  }
  if (services.length === 0) {
    throw new UsageError('there is no service over TCP that could be drilled', {
      hint: 'Test those over UDP with `lvslab verify`.',
    });
  }
  const drilled = { ...described, lab: { ...lab, services } };
  return await testEachService(drilled, screen, async (test, reconnect) => {
    const probe =
      flags.probe === true
        ? await openProbe(test, { connect: reconnect, screen, renews: false })
        : undefined;
    let report: DrillReport;
    try {
      report = await drillLab(test, {
        ...{ reconnect, pause: screen.pause },
        ...(probe !== undefined && { probe: probe.probe }),
      });
    } finally {
      await probe?.end();
    }
    for (const table of drillTables(report)) await screen.reporter.table(table);
    await probe?.show();
    if (report.error !== undefined) throw report.error;
    if (report.verdict === 'ok') return EXIT.ok;
    await nameCauses(test, screen);
    return EXIT.failed;
  });
}
