import { serviceTitle } from '../ipvs/virtual-service.ts';
import { diagnose, type Diagnosis, type NamedCause } from './diagnosis.ts';
import { LabCase } from './lab-case.ts';
import { describePart } from './readings/reading-parts.ts';
import { type Readings, type TraceReading } from './readings/readings.ts';
import { whatHolds } from './what-holds.ts';

/** A cause with all that a person does about it. */
export interface ReportedCause extends NamedCause {
  /** What lvslab does about it, as a sentence with the command in backticks; not set where it does nothing. */
  readonly byLvslab?: string;
  /** The packet that was seen on this host last, where a trace lost it there: 'SYN-ACK'. */
  readonly lostHere?: string;
}

/** What could not be read on a host that could be reached, for one reason. */
export interface UnreadParts {
  /** Inventory name. */
  readonly host: string;
  /** In words: "the kernel's settings". */
  readonly parts: readonly string[];
  /** What the host said of it. */
  readonly why: string;
  /** What shows it there. */
  readonly commands: readonly string[];
}

/** A diagnosis as it is shown. */
export interface DiagnosisReport extends Omit<Diagnosis, 'causes'> {
  /** '192.168.4.133:80 wrr'. */
  readonly service: string;
  /** Inventory name. */
  readonly client: string;
  readonly requests: {
    readonly asked: number;
    readonly answered: number;
    /** How each ended, in order: 'rs1', 'answered', 'refused', 'timed out' … */
    readonly pattern: readonly string[];
    /** In words: '8 answered, 4 timed out'; whose share failed, where one server's did. */
    readonly summary: string;
  };
  /** Where one request was seen last, where it was traced. */
  readonly trace?: TraceReading;
  /** What was seen to be as it should be, a sentence each. */
  readonly holds: readonly string[];
  readonly causes: readonly ReportedCause[];
  /** Hosts that could not be read, and why. */
  readonly unreachable: Readonly<Record<string, string>>;
  /** What could not be read of the others. */
  readonly unread: readonly UnreadParts[];
  /** What the person does next, as a sentence with commands in backticks. */
  readonly next: string;
}

/** Judges readings and tells what came of it. Pure. */
export function reportOn(readings: Readings): DiagnosisReport {
  const found = new LabCase(readings);
  const { lab } = readings;
  const { causes, ...diagnosis } = diagnose(readings);
  const pattern = found.results.map(({ outcome, server, status, exitCode }) => {
    if (outcome === 'answered') return server ?? 'answered';
    if (outcome === 'other')
      return status === undefined ? `curl ${exitCode ?? '?'}` : `HTTP ${status}`;
    return outcome === 'timed-out' ? 'timed out' : outcome;
  });
  const unread = unreadParts(readings);
  const reported = causes.map((cause) => ({
    ...cause,
    ...byLvslab(cause, found),
    ...lostHere(cause, readings),
  }));
  return {
    ...diagnosis,
    service: `${serviceTitle(lab.service)} ${lab.service.scheduler}`,
    client: lab.client.name,
    requests: {
      asked: readings.requests?.asked ?? 0,
      answered: found.count('answered'),
      pattern,
      summary: summaryOf(found, causes),
    },
    ...(readings.trace !== undefined && { trace: readings.trace }),
    holds: whatHolds(found, causes),
    causes: reported,
    unreachable: readings.unreachable,
    unread,
    next: nextStep(diagnosis, { causes: reported, unread, readings }),
  };
}

/** Side by side where a host gave the same reason for them. */
function unreadParts({ unread = {} }: Readings): readonly UnreadParts[] {
  return Object.entries(unread).flatMap(([host, parts]) => {
    const reasons = [...new Set(Object.values(parts))];
    return reasons.map((why) => {
      const described = Object.entries(parts)
        .filter(([, reason]) => reason === why)
        .map(([name]) => describePart(name));
      return {
        host,
        parts: described.map(({ what }) => what),
        why,
        commands: described.flatMap(({ byHand }) => byHand ?? []),
      };
    });
  });
}

function byLvslab(
  { host, isDrift }: NamedCause,
  { director, lab }: LabCase,
): Pick<ReportedCause, 'byLvslab'> {
  if (!isDrift || director?.isProvisioned !== true || lab.isShort === true) return {};
  return { byLvslab: `\`lvslab apply --limit ${host}\`` };
}

function lostHere(
  { host, hits }: NamedCause,
  { trace }: Readings,
): Pick<ReportedCause, 'lostHere'> {
  const last = trace?.last;
  return last?.host === host && hits === 'now' ? { lostHere: last.packet } : {};
}

function summaryOf(found: LabCase, causes: readonly NamedCause[]): string {
  const { length: made } = found.results;
  if (made === 0) return 'no requests were made';
  const counts = [
    [found.count('answered'), 'answered'],
    [found.count('timed-out'), 'timed out'],
    [found.count('refused'), 'refused'],
    [found.count('other'), 'ended otherwise'],
  ] as const;
  const words = counts
    .flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : []))
    .join(', ');
  const asked = found.readings.requests?.asked ?? made;
  const rest = made < asked ? `, then given up` : '';
  const [share] = sharesThatFail(found, causes);
  return `${words}${rest}${share === undefined ? '' : `: ${share}'s share exactly`}`;
}

/** The one server whose connections, by IPVS's counters, are as many as the requests that failed. */
function sharesThatFail(found: LabCase, causes: readonly NamedCause[]): readonly string[] {
  const failed = found.results.length - found.count('answered');
  if (failed === 0 || found.count('answered') === 0) return [];
  const names = found.servers.flatMap(({ server, at }) => {
    const isNamed = causes.some(
      ({ host, what }) => host === server.name || what.includes(server.name),
    );
    return isNamed && found.given(at)?.connections === failed ? [server.name] : [];
  });
  return names.length === 1 ? names : [];
}

function nextStep(
  { verdict, notTold }: Pick<Diagnosis, 'verdict' | 'notTold'>,
  {
    causes,
    unread,
    readings: { trace, lab },
  }: {
    readonly causes: readonly ReportedCause[];
    readonly unread: readonly UnreadParts[];
    readonly readings: Pick<Readings, 'trace' | 'lab'>;
  },
): string {
  if (verdict === 'healthy') return '';
  if (verdict === 'named') {
    const isOurs = causes.some(({ byLvslab: command }) => command !== undefined);
    return isOurs
      ? 'Mend them in this order, or all at once with `lvslab apply`; then look again with `lvslab diagnose`.'
      : 'Mend them in this order; then look again with `lvslab diagnose`.';
  }
  if (verdict === 'unnamed') {
    const where =
      trace === undefined
        ? '`lvslab diagnose --trace` shows how far a request gets'
        : 'Look where it was seen last; `lvslab trace` shows each of its packets';
    // What is not said can't be verified.
    const verify = lab.isShort === true ? '' : ', and `lvslab verify` what each source says';
    return `None of the known causes explains this. ${where}${verify}.`;
  }
  if (unread.length === 0)
    return 'Too little could be read to tell. `lvslab doctor` shows what stands in the way.';
  const ids = notTold.map(({ id }) => id).join(', ');
  const hidden = ids === '' ? '' : `What could not be read may hide ${ids}. `;
  return `${hidden}Type what stands below each ? on that host to see why; then look again with \`lvslab diagnose\`.`;
}
