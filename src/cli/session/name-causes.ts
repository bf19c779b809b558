import { type Connection } from '../../engine/model/connection.ts';
import { type LabUnderTest } from '../../verify/lab-under-test.ts';
import { type Screen } from '../terminal/screen.ts';

/** Enough to see whose share fails, and no more: the person has waited for a whole test already. */
const REQUESTS = 6;

/** Names why a test of a lab has failed, where a known cause is found; changes nothing. */
export async function nameCauses(
  test: LabUnderTest,
  { reporter }: Pick<Screen, 'reporter'>,
): Promise<void> {
  const { takeReadings } = await import('../../diagnose/readings/take-readings.ts');
  const { reportOn } = await import('../../diagnose/report.ts');
  const hosts = new Map<string, Connection>([
    ...test.realServers,
    [test.director.name, test.directorHost],
    [test.client.host, test.client],
  ]);
  const under = {
    ...test,
    client: test.client.host,
    hosts,
    unreachable: new Map<string, string>(),
  };
  const report = reportOn(await takeReadings(under, { requests: REQUESTS }));
  if (report.causes.length > 0) await reporter.diagnosis(report);
  else
    reporter.say(
      'No known cause was found for this; `lvslab diagnose --verbose` lists what was ruled out.',
    );
}
