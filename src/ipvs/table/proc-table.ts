import { isBracketed } from '../../net/endpoint.ts';
import { IpAddress } from '../../net/ip-address.ts';
import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';
import { listingRows } from './listing-rows.ts';
import { MAX_WEIGHT, parseCount } from '../parse-endpoint.ts';
import { isAskedMark, type TableQuestion } from '../rules/rule-parts.ts';
import { TableBuilder } from './table-builder.ts';
import {
  type Destination,
  type ForwardingMethod,
  type IpvsTable,
  MARKED_PLACE,
  type ServiceName,
  type VirtualService,
} from '../virtual-service.ts';

/** `Local` is what the kernel shows for a direct route to itself. */
const methods: ReadonlyMap<string, ForwardingMethod> = new Map([
  ['Masq', 'masquerading'],
  ['Route', 'direct-routing'],
  ['Local', 'direct-routing'],
  ['Tunnel', 'tunneling'],
]);

export interface ProcTableOptions extends TableQuestion {
  /** CONFIG_HZ of the kernel: the file tells the time-out of persistent services in jiffies. */
  readonly jiffiesPerSecond?: number;
}

/**
 * Reads /proc/net/ip_vs, where hosts without ipvsadm tell their table. Scheduler flags and thresholds are not in that
 * file. A persistent service is foreign when the length of a jiffy isn't known.
 * @throws IpvsSyntaxError
 */
export function parseProcTable(
  text: string,
  { jiffiesPerSecond, ...question }: ProcTableOptions = {},
): IpvsTable {
  const builder = new TableBuilder(question.keys);
  let current: ServiceName | 'foreign' | undefined;
  for (const { line, words } of listingRows(text)) {
    if (words[0] !== '->') {
      const name = isUntold(words, jiffiesPerSecond) ? undefined : nameOf(line, words, question);
      current = name ?? 'foreign';
    } else if (current === undefined) {
      throw new IpvsSyntaxError(line, 'a server before any service');
    }
    if (current === 'foreign') builder.addForeign(words.join(' '));
    else addRow(builder, current, { line, words, jiffiesPerSecond });
  }
  return builder.table();
}

/** One service, or one server of it. */
function addRow(
  builder: TableBuilder,
  service: ServiceName,
  {
    line,
    words,
    jiffiesPerSecond,
  }: {
    readonly line: number;
    readonly words: readonly string[];
    readonly jiffiesPerSecond: number | undefined;
  },
): void {
  builder.readLine(words.join(' '), service, () => {
    if (words[0] === '->') addServer(builder, service, { line, words });
    else {
      builder.addService(line, { ...service, ...optionsOf(line, words, jiffiesPerSecond) });
    }
  });
}

/** A server of the other address family makes its service one that this table can't hold. */
function addServer(
  builder: TableBuilder,
  service: ServiceName,
  { line, words }: { readonly line: number; readonly words: readonly string[] },
): void {
  if (isBracketed(words[1] ?? '')) builder.makeForeign(line, service, words.join(' '));
  else builder.addDestination(line, service, readDestination(line, words));
}

function isUntold(words: readonly string[], jiffiesPerSecond: number | undefined): boolean {
  return words.includes('persistent') && jiffiesPerSecond === undefined;
}

/** Undefined for what a `VirtualService` can't express, and for marks that nobody asked for. */
function nameOf(
  line: number,
  [protocol = '', local = '']: readonly string[],
  question: TableQuestion,
): ServiceName | undefined {
  if (protocol === 'FWM') {
    const mark = /^[\dA-F]{1,8}$/i.test(local) ? Number.parseInt(local, 16) : 0;
    return isAskedMark(mark, question) ? { ...MARKED_PLACE, mark } : undefined;
  }
  if (!/^(TCP|UDP)$/.test(protocol) || isBracketed(local)) return undefined;
  return { protocol: protocol === 'TCP' ? 'tcp' : 'udp', ...hexEndpoint(line, local) };
}

function optionsOf(
  line: number,
  words: readonly string[],
  jiffiesPerSecond: number | undefined,
): Pick<VirtualService, 'scheduler' | 'options'> {
  const [, , scheduler, ...flags] = words;
  if (scheduler === undefined) throw new IpvsSyntaxError(line, `no scheduler: ${words.join(' ')}`);
  const persistent = flags.indexOf('persistent');
  const options = [
    ...persistence(line, persistent === -1 ? [] : flags.slice(persistent + 1), jiffiesPerSecond),
    ...(flags.includes('ops') ? ['-o'] : []),
  ].join(' ');
  return { scheduler, ...(options === '' ? {} : { options }) };
}

function persistence(
  line: number,
  [jiffies, mask]: readonly string[],
  jiffiesPerSecond: number | undefined,
): readonly string[] {
  if (jiffies === undefined || jiffiesPerSecond === undefined) return [];
  const timeout = parseCount(jiffies, Number.MAX_SAFE_INTEGER);
  if (timeout === undefined || mask === undefined || !/^[\dA-F]{8}$/i.test(mask)) {
    throw new IpvsSyntaxError(line, `no persistence: ${jiffies} ${mask ?? ''}`);
  }
  const seconds = ['-p', String(Math.round(timeout / jiffiesPerSecond))];
  return /^F{8}$/i.test(mask) ? seconds : [...seconds, '-M', dotted(mask)];
}

function readDestination(line: number, words: readonly string[]): Destination {
  const [, remote = '', forward = '', weightText] = words;
  const method = methods.get(forward);
  const weight = parseCount(weightText, MAX_WEIGHT);
  if (method === undefined || weight === undefined)
    throw new IpvsSyntaxError(line, `no server: ${words.join(' ')}`);
  return { ...hexEndpoint(line, remote), method, weight };
}

function hexEndpoint(
  line: number,
  text: string,
): { readonly address: string; readonly port: number } {
  const match = /^([\dA-F]{8}):([\dA-F]{4})$/i.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new IpvsSyntaxError(line, `'${text}' is no address in hexadecimal`);
  }
  return { address: dotted(match[1]), port: Number.parseInt(match[2], 16) };
}

function dotted(hex: string): string {
  return IpAddress.ofBytes([...Buffer.from(hex, 'hex')]).text;
}
