import {
  type LabUnderDiagnosis,
  type TracedRequest,
} from '../../diagnose/readings/take-readings.ts';
import { type LabIdentity } from '../../embedded/embedded-lab.ts';
import { CancelledError, LvslabError } from '../../engine/model/failures/errors.ts';
import { type BeginCaptures } from '../../trace/trace-request.ts';
import { type LabUnderTest } from '../../verify/lab-under-test.ts';
import { provideTools } from '../session/provide-tools.ts';
import { type Screen } from '../terminal/screen.ts';
import { cableCaptures, ownCaptures } from './trace-captures.ts';

/** Where one server's share alone fails, the first request may be another's. */
const MOST_TRACES = 4;

/**
 * Traces requests until one fails, a few at most: at the ends of the cables of an embedded lab, else with the tcpdump that is
 * on the hosts; nothing is installed there.
 * @throws CancelledError
 */
export async function traceFailing(
  under: LabUnderDiagnosis,
  embedded: LabIdentity | undefined,
  screen: Screen,
): Promise<TracedRequest> {
  const test = underTest(under);
  if (typeof test === 'string') return { why: test };
  const [{ traceRequest }, { traceFindings }] = await Promise.all([
    import('../../trace/trace-request.ts'),
    import('../../trace/trace-findings.ts'),
  ]);
  try {
    const begin = await capturesFor(test, embedded, screen);
    let found = traceFindings((await traceRequest(test, begin)).report);
    for (let i = 1; i < MOST_TRACES && found.isAnswered; i++)
      found = traceFindings((await traceRequest(test, begin)).report);
    return { trace: { ...found, reached: [...found.reached], unheard: [...found.unheard] } };
  } catch (error) {
    if (!(error instanceof LvslabError) || error instanceof CancelledError) throw error;
    return { why: error.message };
  }
}

async function capturesFor(
  test: LabUnderTest,
  embedded: LabIdentity | undefined,
  screen: Screen,
): Promise<BeginCaptures> {
  if (embedded === undefined)
    return ownCaptures([test.client, test.directorHost, ...test.realServers.values()]);
  const { missingTools } = await import('../../embedded/machine/system-packages.ts');
  const { traceTools } = await import('../../embedded/machine/system-tools.ts');
  await provideTools(missingTools(traceTools), screen);
  return cableCaptures(embedded);
}

/** The same lab, as what tests it needs it; why it can't be traced, where that is so. */
function underTest(under: LabUnderDiagnosis): LabUnderTest | string {
  const { hosts, client: name, director, lab, service } = under;
  if (service.protocol !== 'tcp') return 'only TCP is traced';
  const client = hosts.get(name);
  const directorHost = hosts.get(director.name);
  if (client === undefined || directorHost === undefined)
    return `${client === undefined ? name : director.name} can't be reached`;
  const realServers = new Map(
    lab.realServers.flatMap((server) => {
      const connection = hosts.get(server.name);
      return connection === undefined ? [] : [[server.name, connection] as const];
    }),
  );
  return { ...under, client, directorHost, realServers };
}
