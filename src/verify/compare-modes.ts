import { type Mode } from '../lab/modes/mode.ts';
import { type ControlsReport } from './controls/run-controls.ts';
import { type VerifyReport } from './report.ts';
import { type PlainTable } from './tables.ts';

/** A mode, and what was measured in it. */
export interface MeasuredMode {
  readonly mode: Mode;
  readonly report: VerifyReport;
  /** What the mode does without its conditions; not set where that was not tried. */
  readonly controls?: ControlsReport;
}

/** The tutorial's comparison of the modes: what was measured of the same requests in each, a column a mode. */
export function comparisonTable(measured: readonly MeasuredMode[]): PlainTable {
  const row = (title: string, cell: (one: MeasuredMode) => string) => [
    title,
    ...measured.map(cell),
  ];
  const isRight = measured.every(
    ({ report, controls }) => report.verdict === 'ok' && controls?.verdict !== 'failed',
  );
  return {
    // Short titles, for the columns are what there is to read.
    title: 'The modes, measured; in and out: through the director',
    columns: ['', ...measured.map(({ mode }) => mode.title)],
    rows: [
      row(
        'requests',
        ({ report: { requests } }) => `${requests.answered} of ${requests.asked} answered`,
      ),
      row('client seen', ({ report: { servers } }) => seenClients(servers)),
      row('asked at', ({ report: { asked } }) => asked.join(', ')),
      row('rewritten', rewriting),
      row('replies go', ({ report: { waysBack } }) => waysBack.join(', ')),
      row('packets in', passing('packetsIn')),
      row('packets out', passing('packetsOut')),
      row('bytes in', passing('bytesIn')),
      row('bytes out', passing('bytesOut')),
      row('other port', ({ mode }) => (mode.mapsPorts ? 'possible' : 'refused')),
      row('fails without', failsWithout),
    ],
    verdict: {
      judgement: isRight ? 'ok' : 'failed',
      text: isRight
        ? 'every mode does what it promises'
        : 'not every mode did what it promises; see its verification above',
    },
  };
}

/** What the director has made of a request, by the address that the servers were asked at. */
function rewriting({ mode, report: { asked, service } }: MeasuredMode): string {
  if (asked.length === 0) return 'not read';
  if (!asked.every((address) => service.startsWith(address))) {
    return 'the address: VIP -> RIP, and in replies RIP -> VIP';
  }
  return mode.vipDevice === 'tunl0'
    ? 'nothing: each packet travels in another one, to the RIP'
    : 'the MAC alone';
}

/** The conditions of the mode that were taken away, where it was noticed. */
function failsWithout({ controls }: MeasuredMode): string {
  if (controls === undefined) return 'not tried';
  return controls.controls
    .filter(({ isOfMode, reddened }) => isOfMode && reddened.length > 0)
    .map(({ name }) => name)
    .join(', ');
}

function seenClients(servers: VerifyReport['servers']): string {
  return [...new Set(servers.flatMap(({ clientAddresses }) => clientAddresses))].join(', ');
}

function passing(what: keyof NonNullable<VerifyReport['passed']>) {
  return ({ report: { passed } }: MeasuredMode): string =>
    passed === undefined ? 'not read' : String(passed[what]);
}
