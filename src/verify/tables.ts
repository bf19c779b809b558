import {
  type Check,
  type DrillPhase,
  type DrillReport,
  type ServerTally,
  type Verdict,
  type VerifyReport,
} from './report.ts';

/** A table as plain data, to be drawn in whatever way. */
export interface PlainTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly PlainRow[];
  readonly verdict: Verdict;
}

export interface PlainRow {
  /** One for each column. */
  readonly cells: readonly string[];
  readonly verdict: Verdict;
  /** What to say below the row; '' for nothing. */
  readonly note: string;
}

/** A verification as tables: who served what, by all three witnesses, and every check. */
export function verifyTables(report: VerifyReport): readonly PlainTable[] {
  const { service, client, requests, servers, checks, verdict } = report;
  return [
    {
      title: `${requests.made} requests from ${client} to ${service}`,
      columns: [
        'Real server',
        'Address',
        'Weight',
        'Expected',
        'Answers',
        'IPVS',
        'Access log',
        'Client seen',
      ],
      rows: servers.map(serverRow),
      verdict: worst(servers.map((server) => serverRow(server).verdict)),
    },
    { ...checkTable('Checks', checks), verdict },
  ];
}

/** A drill as tables: what became of the requests in each phase, and every check that did not go as expected. */
export function drillTables(report: DrillReport): readonly PlainTable[] {
  const { service, client, phases, restorations, verdict } = report;
  const failed = phases.flatMap(({ title, checks }) =>
    checks
      .filter((check) => check.verdict === 'failed')
      .map((check) => ({ ...check, name: `${title}: ${check.name}` })),
  );
  const left = restorations.filter(({ restored }) => !restored);
  return [
    {
      title: `Drill: requests from ${client} to ${service} while real servers stop`,
      columns: ['Phase', 'Answered', 'Refused', 'Otherwise', 'IPVS gave out'],
      rows: phases.map(phaseRow),
      verdict,
    },
    ...(failed.length > 0 ? [checkTable('Not as expected', failed)] : []),
    ...(left.length > 0
      ? [
          {
            title: 'Real servers that could not be started again',
            columns: ['Real server', 'Type there', 'Why'],
            rows: left.map(({ host, command, reason }) => ({
              cells: [host, command, reason],
              verdict: 'failed' as const,
              note: '',
            })),
            verdict: 'failed' as const,
          },
        ]
      : []),
  ];
}

function serverRow(server: ServerTally): PlainRow {
  const { name, address, weight, expected, bodies, connections, logged, clientAddresses } = server;
  const agree = connections === bodies && logged === bodies && bodies === (expected ?? bodies);
  return {
    cells: [
      name,
      address,
      String(weight),
      expected === undefined ? 'by chance' : String(expected),
      String(bodies),
      connections === undefined ? 'not read' : String(connections),
      logged === undefined ? 'not read' : String(logged),
      clientAddresses.join(', '),
    ],
    verdict: agree ? 'ok' : 'failed',
    note: '',
  };
}

function phaseRow({ title, requests, servers, checks }: DrillPhase): PlainRow {
  const answered = servers.filter(({ bodies }) => bodies > 0);
  return {
    cells: [
      title,
      [
        `${requests.answered} of ${requests.asked}`,
        ...answered.map(({ name, bodies }) => `${name} ${bodies}`),
      ].join(', '),
      String(requests.refused),
      String(requests.timedOut + requests.strange),
      servers.map(({ name, connections }) => `${name} ${connections ?? 'not read'}`).join(', '),
    ],
    verdict: worst(checks.map(({ verdict }) => verdict)),
    note: '',
  };
}

function checkTable(title: string, checks: readonly Check[]): PlainTable {
  return {
    title,
    columns: ['Check', 'Expected', 'Actual'],
    rows: checks.map(({ name, expected, actual, verdict, explanation }) => ({
      cells: [name, expected, actual],
      verdict,
      note: verdict === 'ok' ? '' : explanation,
    })),
    verdict: worst(checks.map(({ verdict }) => verdict)),
  };
}

function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('failed') ? 'failed' : 'ok';
}
