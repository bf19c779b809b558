import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Connection } from '../../../engine/model/connection.ts';
import { type Diagnosis } from '../../../diagnose/diagnosis.ts';
import { type Readings } from '../../../diagnose/readings/readings.ts';
import { type LabUnderDiagnosis } from '../../../diagnose/readings/take-readings.ts';
import { labOfService } from '../../../lab/lab-of-service.ts';
import { connect, connectLocally } from '../../session/hosts/connect.ts';
import { randomWord } from '../../session/engine-context.ts';
import { EXIT } from '../../exit-codes.ts';
import { type FlagGroups, type LabFlags } from '../../flags.ts';
import { openEach } from '../../session/hosts/open-each.ts';
import { type DescribedLab, describeAskedLab } from '../../session/hosts/open-lab.ts';
import { type Screen, withScreen } from '../../terminal/screen.ts';

/** What `lvslab diagnose` takes beside the lab. */
export interface DiagnoseFlags {
  readonly requests: number;
  /** Where requests fail, one is shown on every wire. */
  readonly trace?: boolean;
  /** Where all that was read is kept. */
  readonly save?: string;
}

/** `lvslab diagnose`: names what is wrong with a lab, whoever has set it up; changes nothing. */
export async function diagnose(
  flags: LabFlags & Pick<FlagGroups, 'output'> & DiagnoseFlags,
): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    const { reportOn } = await import('../../../diagnose/report.ts');
    const described = await describeAskedLab(flags, screen);
    const all = await readLab(described, screen, flags);
    const reports = all.map((readings) => ({ readings, report: reportOn(readings) }));
    for (const { report } of reports) await screen.reporter.diagnosis(report);
    const unnamed = reports.filter(({ report }) => report.verdict === 'unnamed');
    const file = flags.save ?? (unnamed.length > 0 ? fileFor(new Date()) : undefined);
    if (file !== undefined) {
      await writeFile(file, `${JSON.stringify(all, undefined, 1)}\n`, { mode: 0o600 });
      screen.reporter.say(
        `What was read is in ${path.resolve(file)}: addresses, tables and counters, no secrets.`,
      );
    }
    return statusOf(reports.map(({ report }) => report.verdict));
  });
}

/**
 * Reads each service on each director, with the hosts that can be reached; those that can't are told in the readings.
 * @param only the hosts that may be read; not set, all of them.
 */
export async function readLab(
  { inventory, lab, access, isShort }: DescribedLab,
  screen: Screen,
  { requests, trace }: Pick<DiagnoseFlags, 'requests' | 'trace'>,
  only?: ReadonlySet<string>,
): Promise<readonly Readings[]> {
  const { takeReadings } = await import('../../../diagnose/readings/take-readings.ts');
  const open = async (name: string, signal: AbortSignal): Promise<Connection> => {
    const host = inventory.hosts.get(name);
    return host === undefined
      ? await connectLocally(name)
      : await connect(host, access, { ...screen, signal });
  };
  const client = lab.clients[0]?.name ?? 'this machine';
  const names = [client, ...[...lab.directors, ...lab.realServers].map(({ name }) => name)];
  const read = names.filter((name) => only?.has(name) !== false);
  const { connections, failures } = await openEach(read, open, screen.signal);
  try {
    const common: Omit<LabUnderDiagnosis, 'lab' | 'director' | 'service'> = {
      client,
      hosts: connections,
      unreachable: failures,
      ...(isShort && { isShort }),
      ...screen.reporting,
      nonce: randomWord,
      signal: screen.signal,
      ...(trace === true && { traceRequest: await tracing(inventory, screen) }),
    };
    const all: Readings[] = [];
    for (const director of lab.directors) {
      for (const service of lab.services)
        all.push(
          await takeReadings(
            { ...common, lab: labOfService(lab, service), director, service },
            { requests },
          ),
        );
    }
    return all;
  } finally {
    await Promise.allSettled([...connections.values()].map((connection) => connection.close()));
  }
}

async function tracing(
  inventory: DescribedLab['inventory'],
  screen: Screen,
): Promise<NonNullable<LabUnderDiagnosis['traceRequest']>> {
  const { embeddedLabOf } = await import('../../session/embedded-lab-of.ts');
  const { traceFailing } = await import('../../trace/trace-failing.ts');
  const embedded = await embeddedLabOf(inventory);
  return async (under) => await traceFailing(under, embedded, screen);
}

function statusOf(verdicts: readonly Diagnosis['verdict'][]): number {
  if (verdicts.includes('unnamed')) return EXIT.unnamed;
  if (verdicts.includes('named')) return EXIT.failed;
  return verdicts.every((verdict) => verdict === 'healthy') ? EXIT.ok : EXIT.unnamed;
}

/** 'lvslab-readings-20260131-120000.json', in the folder where the command was given. */
function fileFor(now: Date): string {
  const digits = now.toISOString().replaceAll(/[-:]/g, '').slice(0, 15).replace('T', '-');
  return `lvslab-readings-${digits}.json`;
}
