import { type ControlsReport } from './controls/run-controls.ts';
import {
  type Check,
  type DrillPhase,
  type DrillReport,
  overallVerdict,
  type Restoration,
  type ServerCounts,
  type Verdict,
  type VerifyReport,
} from './report.ts';

/** Plain text, a number, or a verdict, with other words for it if there are any. */
type PlainCell = string | number | { readonly judgement: Verdict; readonly text?: string };

/** A table as plain data, to be drawn in whatever way. */
export interface PlainTable {
  readonly title: string;
  readonly columns: readonly string[];
  /** One cell for each column. */
  readonly rows: readonly (readonly PlainCell[])[];
  readonly verdict?: { readonly judgement: Verdict; readonly text: string };
  /** The same in full, for programs. */
  readonly data?: object;
}

/** A verification as tables: who served what by all three sources, every check, and the causes of what failed. */
export function verifyTables(report: VerifyReport): readonly PlainTable[] {
  const { service, client, requests, servers, checks, verdict } = report;
  const failed = checks.filter((check) => check.verdict === 'failed');
  const count = checks.filter((check) => check.verdict === 'ok').length;
  return [
    {
      title: `${requests.made} requests from ${client} to ${service}`,
      columns: [
        'real server',
        'RIP',
        'weight',
        'expected',
        'answers',
        'IPVS',
        'log',
        'client seen',
      ],
      rows: servers.map(serverRow),
    },
    {
      title: 'Checks',
      columns: ['check', 'expected', 'actual', 'verdict'],
      rows: checks.map(({ name, expected, actual, verdict: judgement }) => [
        name,
        expected,
        actual,
        { judgement },
      ]),
      verdict: {
        judgement: verdict,
        text:
          verdict === 'ok'
            ? `all three sources agree, ${count} checks passed`
            : `${failed.length} of ${checks.length} checks failed`,
      },
    },
    ...causes(failed),
  ];
}

/** A drill as tables: what became of the requests in each phase, and what did not go as expected. */
export function drillTables(report: DrillReport): readonly PlainTable[] {
  const { service, client, phases, restorations } = report;
  const failed = phases.flatMap(({ title, checks }) =>
    checks
      .filter(({ verdict }) => verdict === 'failed')
      .map((check) => ({ ...check, name: `${title}: ${check.name}` })),
  );
  return [
    {
      title: `Requests from ${client} to ${service} while real servers stop`,
      columns: [
        'phase',
        'answered',
        'refused',
        'otherwise',
        'by server',
        'IPVS gave out',
        'verdict',
      ],
      rows: phases.map(phaseRow),
      verdict: { judgement: report.verdict, text: drillVerdict(report) },
    },
    ...causes(failed),
    ...notRestored(restorations.filter(({ restored }) => !restored)),
  ];
}

/** The controls as a table: which condition was taken away, and which checks had to notice. */
export function controlsTable({ service, controls, whole, verdict }: ControlsReport): PlainTable {
  const missed = controls.filter((control) => control.verdict === 'failed').length;
  return {
    title: `What the checks of ${service} notice`,
    columns: ['taken away', 'on', 'checks that must fail', 'verdict'],
    rows: [
      ...controls.map(({ name, host, reddens, problem, verdict: judgement }): PlainCell[] => [
        name,
        host,
        problem === '' ? reddens.join('; ') : problem,
        { judgement },
      ]),
      [
        'nothing: all is put back',
        'all hosts',
        `none of ${whole.checks.length}`,
        { judgement: whole.verdict },
      ],
    ],
    verdict: {
      judgement: verdict,
      text:
        verdict === 'ok'
          ? `${controls.length} controls, and the lab is whole again`
          : missed > 0
            ? `${missed} of ${controls.length} went unnoticed`
            : 'the lab is not whole again; see plan',
    },
  };
}

function serverRow(server: ServerCounts): readonly PlainCell[] {
  const { name, address, weight, expected, bodies, connections, logged, clientAddresses } = server;
  return [
    name,
    address,
    weight,
    expected ?? 'not fixed',
    countCell(bodies, expected ?? bodies),
    countCell(connections, bodies),
    countCell(logged, bodies),
    clientAddresses.join(', '),
  ];
}

/** A number that is as it should be stands as it is; anything else is marked. */
function countCell(seen: number | undefined, expected: number): PlainCell {
  if (seen === expected) return seen;
  return { judgement: 'failed', text: seen === undefined ? 'not read' : String(seen) };
}

function phaseRow({ title, requests, servers, checks }: DrillPhase): readonly PlainCell[] {
  return [
    title,
    requests.answered,
    requests.refused,
    requests.asked - requests.answered - requests.refused,
    servers
      .map(({ name, running, bodies }) => `${name} ${running ? bodies : 'stopped'}`)
      .join(', '),
    servers.map(({ name, connections }) => `${name} ${connections ?? 'not read'}`).join(', '),
    { judgement: overallVerdict(checks) },
  ];
}

function drillVerdict({ verdict, phases, restorations, error }: DrillReport): string {
  if (verdict === 'ok') return `${phases.length} phases as expected, every real server runs again`;
  const left = restorations.filter(({ restored }) => !restored).map(({ host }) => host);
  return [
    error === undefined ? 'not as expected' : `ended early: ${error.message}`,
    ...(left.length > 0 ? [`nginx is still stopped on ${left.join(' and ')}`] : []),
  ].join('; ');
}

function causes(failed: readonly Check[]): readonly PlainTable[] {
  if (failed.length === 0) return [];
  const rows = failed.map(({ name, explanation, actual }) => [
    name,
    explanation === '' ? actual : explanation,
  ]);
  return [{ title: 'What failed, and why', columns: ['check', 'likely cause'], rows }];
}

function notRestored(left: readonly Restoration[]): readonly PlainTable[] {
  if (left.length === 0) return [];
  const rows = left.map(({ host, command, reason }) => [host, command, reason]);
  const title = 'Real servers that could not be started again';
  return [{ title, columns: ['real server', 'type there', 'why'], rows }];
}
