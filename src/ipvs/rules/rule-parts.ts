import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';
import { isBracketed } from '../../net/endpoint.ts';
import { MAX_WEIGHT, parseCount, parseEndpoint, type ServiceEndpoint } from '../parse-endpoint.ts';
import { type RuleOptions } from './rule-words.ts';
import {
  type Destination,
  type ForwardingMethod,
  MARKED_PLACE,
  serviceKey,
  type ServiceName,
  type VirtualService,
} from '../virtual-service.ts';

/** Which services somebody wants to know of. */
export interface TableQuestion {
  /** Their keys; not set, all services. What can't be read of others makes these foreign, and no more. */
  readonly keys?: ReadonlySet<string>;
  /** Marks of services that are asked for beside; those of all others are foreign. */
  readonly marks?: ReadonlySet<number>;
}

/** What is asked where one service matters: its mark, if it goes by one; marks of others stay foreign. */
export function askedMark({
  mark,
}: Pick<ServiceName, 'mark'>): Required<Pick<TableQuestion, 'marks'>> {
  return { marks: new Set(mark === undefined ? [] : [mark]) };
}

/** Whether the service of this mark is asked for. */
export function isAskedMark(mark: number, { keys, marks }: TableQuestion): boolean {
  return marks?.has(mark) === true || keys?.has(serviceKey({ ...MARKED_PLACE, mark })) === true;
}

/**
 * Whether the line is about a kind of service that a `VirtualService` can't express, or about a mark that nobody asked for:
 * SCTP, IPv6, marks of others.
 */
export function isOtherKind(values: RuleOptions, question: TableQuestion): boolean {
  if (values['fwmark-service'] !== undefined) {
    const mark = values.ipv6 === true ? undefined : parseMark(values['fwmark-service']);
    return mark === undefined || !isAskedMark(mark, question);
  }
  const address = values['tcp-service'] ?? values['udp-service'] ?? '';
  return values['sctp-service'] !== undefined || isBracketed(address);
}

/** Reads a mark as ipvsadm does; undefined for what it refuses. */
export function parseMark(text: string): number | undefined {
  const mark = /^\+?\d{1,10}$/.test(text) ? Number(text) : 0;
  return mark >= 1 && mark <= GREATEST_MARK ? mark : undefined;
}

/** The kernel's own number has 32 bits. */
const GREATEST_MARK = 2 ** 32 - 1;

/** @throws IpvsSyntaxError when the service is not given in numbers. */
export function serviceNameOf(line: number, values: RuleOptions): ServiceName {
  const mark = parseMark(values['fwmark-service'] ?? '');
  if (mark !== undefined) return { ...MARKED_PLACE, mark };
  const protocol = values['tcp-service'] === undefined ? 'udp' : 'tcp';
  const text = values['tcp-service'] ?? values['udp-service'] ?? '';
  const parsed = parseEndpoint(text);
  if (parsed === undefined) {
    throw new IpvsSyntaxError(line, `'${text}' is no virtual service in numbers, ADDRESS:PORT`);
  }
  return { protocol, address: parsed.address, port: parsed.port ?? 0 };
}

/** The service of an -A line, but for what tells it apart; the scheduler is ipvsadm's own default where none is given. */
export function serviceOptionsOf(
  values: RuleOptions,
): Pick<VirtualService, 'scheduler' | 'options'> {
  const extra = [
    ...flag('-p', values.persistent),
    ...flag('-M', values.netmask),
    ...flag('--pe', values.pe),
    ...flag('-b', values['sched-flags']),
    ...(values.ops === true ? ['-o'] : []),
  ].join(' ');
  return { scheduler: values.scheduler ?? 'wlc', ...(extra === '' ? {} : { options: extra }) };
}

/**
 * The server of an -a line.
 * @param readEndpoint reads ADDRESS:PORT.
 * @throws IpvsSyntaxError
 */
export function destinationOf(
  line: number,
  values: RuleOptions,
  {
    servicePort,
    readEndpoint = parseEndpoint,
  }: {
    readonly servicePort: number;
    readonly readEndpoint?: (text: string) => ServiceEndpoint | undefined;
  },
): Destination {
  const text = values['real-server'] ?? '';
  const parsed = readEndpoint(text);
  if (parsed === undefined)
    throw new IpvsSyntaxError(line, `'${text}' is no server in numbers, ADDRESS:PORT`);
  const extra = destinationOptions(values);
  return {
    address: parsed.address,
    port: parsed.port ?? servicePort,
    method: methodOf(values),
    weight: weightOf(line, values),
    ...(extra === '' ? {} : { options: extra }),
  };
}

/** @throws IpvsSyntaxError for what is no weight; 1 where none is given. */
export function weightOf(line: number, { weight = '1' }: RuleOptions): number {
  const count = parseCount(weight, MAX_WEIGHT);
  if (count === undefined) throw new IpvsSyntaxError(line, `'${weight}' is no weight`);
  return count;
}

/** Without a letter it is direct routing, as for ipvsadm. */
function methodOf(values: RuleOptions): ForwardingMethod {
  if (values.masquerading === true) return 'masquerading';
  return values.ipip === true ? 'tunneling' : 'direct-routing';
}

/** `--tun-type ipip` is the default and is left out: ipvsadm before 1.31 doesn't know the option. */
function destinationOptions(values: RuleOptions): string {
  return [
    ...flag('-x', bound(values['u-threshold'])),
    ...flag('-y', bound(values['l-threshold'])),
    ...flag('--tun-type', values['tun-type'] === 'ipip' ? undefined : values['tun-type']),
    ...flag('--tun-port', values['tun-port']),
    ...(['tun-nocsum', 'tun-csum', 'tun-remcsum'] as const).flatMap((name) =>
      values[name] === true ? [`--${name}`] : [],
    ),
  ].join(' ');
}

/** Zero is no bound, and the default. */
function bound(value: string | undefined): string | undefined {
  return value === undefined || /^0+$/.test(value) ? undefined : value;
}

function flag(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value];
}
