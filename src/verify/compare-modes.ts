import { type Mode } from '../lab/modes/mode.ts';
import { type VerifyReport } from './report.ts';
import { type PlainTable } from './tables.ts';

/** A mode, and what was measured in it. */
export interface MeasuredMode {
  readonly mode: Mode;
  readonly report: VerifyReport;
}

/** The tutorial's comparison of the modes: what was measured of the same requests in each, a column a mode. */
export function comparisonTable(measured: readonly MeasuredMode[]): PlainTable {
  const row = (title: string, cell: (one: MeasuredMode) => string) => [
    title,
    ...measured.map(cell),
  ];
  const isRight = measured.every(({ report }) => report.verdict === 'ok');
  return {
    title: 'The modes, measured',
    columns: ['', ...measured.map(({ mode }) => mode.title)],
    rows: [
      row(
        'requests',
        ({ report: { requests } }) => `${requests.answered} of ${requests.asked} answered`,
      ),
      row('the client that the servers see', ({ report: { servers } }) => seenClients(servers)),
      row('the address that they were asked at', ({ report: { asked } }) => asked.join(', ')),
      row('their replies to the client go', ({ report: { waysBack } }) => waysBack.join(', ')),
      row('packets of requests through the director', passing('packetsIn')),
      row('packets of replies through the director', passing('packetsOut')),
      row('bytes of requests through the director', passing('bytesIn')),
      row('bytes of replies through the director', passing('bytesOut')),
      row('another port on the real servers', ({ mode }) =>
        mode.mapsPorts ? 'possible' : 'refused',
      ),
    ],
    verdict: {
      judgement: isRight ? 'ok' : 'failed',
      text: isRight
        ? 'every mode does what it promises'
        : 'not every mode did what it promises; see its verification above',
    },
  };
}

function seenClients(servers: VerifyReport['servers']): string {
  return [...new Set(servers.flatMap(({ clientAddresses }) => clientAddresses))].join(', ');
}

function passing(what: keyof NonNullable<VerifyReport['passed']>) {
  return ({ report: { passed } }: MeasuredMode): string =>
    passed === undefined ? 'not read' : String(passed[what]);
}
