import { parseArgs } from 'node:util';

import { IpvsSyntaxError } from './ipvs-syntax-error.ts';
import { MAX_WEIGHT, parseCount, parseEndpoint } from './parse-endpoint.ts';
import { destinationWords, serviceAddressWords, serviceWords } from './service-words.ts';
import { TableBuilder } from './table-builder.ts';
import {
  type Destination,
  type ForwardingMethod,
  type IpvsTable,
  type VirtualService,
} from './virtual-service.ts';

/** The options that `ipvsadm-save` writes, and their long forms. */
const options = {
  'add-service': { type: 'boolean', short: 'A' },
  'add-server': { type: 'boolean', short: 'a' },
  'tcp-service': { type: 'string', short: 't' },
  'udp-service': { type: 'string', short: 'u' },
  'sctp-service': { type: 'string' },
  'fwmark-service': { type: 'string', short: 'f' },
  ipv6: { type: 'boolean', short: '6' },
  scheduler: { type: 'string', short: 's' },
  persistent: { type: 'string', short: 'p' },
  netmask: { type: 'string', short: 'M' },
  pe: { type: 'string' },
  'sched-flags': { type: 'string', short: 'b' },
  ops: { type: 'boolean', short: 'o' },
  'real-server': { type: 'string', short: 'r' },
  masquerading: { type: 'boolean', short: 'm' },
  gatewaying: { type: 'boolean', short: 'g' },
  ipip: { type: 'boolean', short: 'i' },
  weight: { type: 'string', short: 'w' },
  'u-threshold': { type: 'string', short: 'x' },
  'l-threshold': { type: 'string', short: 'y' },
  'tun-type': { type: 'string' },
  'tun-port': { type: 'string' },
  'tun-nocsum': { type: 'boolean' },
  'tun-csum': { type: 'boolean' },
  'tun-remcsum': { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseLine>;

/**
 * Reads what `ipvsadm-save -n` prints, and rule files in that format: comments, blank lines, a leading `ipvsadm` and
 * left-out defaults are understood as `ipvsadm-restore` does.
 * @throws IpvsSyntaxError
 */
export function parseSavedTable(text: string): IpvsTable {
  const builder = new TableBuilder();
  for (const [index, raw] of text.split('\n').entries()) {
    const words = raw.split(/\s+/).filter((word) => word !== '');
    if (words[0]?.startsWith('#')) continue;
    if (words[0] === 'ipvsadm') words.shift();
    if (words.length > 0) readRule(builder, index + 1, words);
  }
  return builder.table();
}

/** Writes the table as `ipvsadm-save -n` does; `parseSavedTable` of it gives the table again. */
export function printSavedTable({ services, foreign }: IpvsTable): string {
  const rules = services.flatMap((service) => [
    ['-A', ...serviceWords(service)],
    ...service.destinations.map((destination) => [
      '-a',
      ...serviceAddressWords(service),
      ...destinationWords(destination),
    ]),
  ]);
  return [...rules.map((words) => words.join(' ')), ...foreign].map((line) => `${line}\n`).join('');
}

function readRule(builder: TableBuilder, line: number, words: readonly string[]): void {
  const values = parseLine(line, words);
  const isService = values['add-service'] === true;
  if (isService === (values['add-server'] === true)) {
    throw new IpvsSyntaxError(line, `neither -A nor -a: ${words.join(' ')}`);
  }
  if (isForeign(values)) {
    builder.addForeign(words.join(' '));
    return;
  }
  const service = readServiceAddress(line, values);
  if (isService) {
    const extra = serviceOptions(values);
    // ipvsadm's own default, for files written by hand.
    const scheduler = values.scheduler ?? 'wlc';
    builder.addService(line, {
      ...service,
      scheduler,
      ...(extra === '' ? {} : { options: extra }),
    });
  } else {
    builder.addDestination(line, service, readDestination(line, values, service.port));
  }
}

function parseLine(line: number, words: readonly string[]) {
  try {
    return parseArgs({ args: withPersistenceDefault(words), options, strict: true }).values;
  } catch (error) {
    const reason = isObjectWithMessage(error) ? error.message : String(error);
    throw new IpvsSyntaxError(line, reason);
  }
}

/** Node's own errors are not `instanceof Error` where code runs in a context of its own, as in tests. */
function isObjectWithMessage(error: unknown): error is { readonly message: string } {
  return typeof error === 'object' && error !== null && 'message' in error;
}

/** `-p` may stand without its value, which is 360 seconds then. */
function withPersistenceDefault(words: readonly string[]): string[] {
  return words.flatMap((word, i) => {
    const bare = (word === '-p' || word === '--persistent') && !/^\d+$/.test(words[i + 1] ?? '');
    return bare ? [word, '360'] : [word];
  });
}

function isForeign(values: Values): boolean {
  const address = values['tcp-service'] ?? values['udp-service'] ?? '';
  return (
    values['sctp-service'] !== undefined ||
    values['fwmark-service'] !== undefined ||
    address.startsWith('[')
  );
}

function readServiceAddress(
  line: number,
  values: Values,
): Pick<VirtualService, 'protocol' | 'address' | 'port'> {
  const protocol = values['tcp-service'] === undefined ? 'udp' : 'tcp';
  const text = values['tcp-service'] ?? values['udp-service'];
  const parsed = parseEndpoint(text ?? '');
  if (parsed === undefined) {
    throw new IpvsSyntaxError(
      line,
      `'${text ?? ''}' is no virtual service in numbers, ADDRESS:PORT`,
    );
  }
  return { protocol, address: parsed.address, port: parsed.port ?? 0 };
}

function readDestination(line: number, values: Values, servicePort: number): Destination {
  const text = values['real-server'] ?? '';
  const parsed = parseEndpoint(text);
  if (parsed === undefined)
    throw new IpvsSyntaxError(line, `'${text}' is no server in numbers, ADDRESS:PORT`);
  const weight = parseCount(values.weight ?? '1', MAX_WEIGHT);
  if (weight === undefined)
    throw new IpvsSyntaxError(line, `'${values.weight ?? ''}' is no weight`);
  const extra = destinationOptions(values);
  return {
    address: parsed.address,
    port: parsed.port ?? servicePort,
    method: readMethod(values),
    weight,
    ...(extra === '' ? {} : { options: extra }),
  };
}

/** Without a letter it is direct routing, as for ipvsadm. */
function readMethod(values: Values): ForwardingMethod {
  if (values.masquerading === true) return 'masquerading';
  return values.ipip === true ? 'tunneling' : 'direct-routing';
}

function serviceOptions(values: Values): string {
  return [
    ...flag('-p', values.persistent),
    ...flag('-M', values.netmask),
    ...flag('--pe', values.pe),
    ...flag('-b', values['sched-flags']),
    ...(values.ops === true ? ['-o'] : []),
  ].join(' ');
}

/** `--tun-type ipip` is the default and is left out: ipvsadm before 1.31 doesn't know the option. */
function destinationOptions(values: Values): string {
  return [
    ...flag('-x', values['u-threshold']),
    ...flag('-y', values['l-threshold']),
    ...flag('--tun-type', values['tun-type'] === 'ipip' ? undefined : values['tun-type']),
    ...flag('--tun-port', values['tun-port']),
    ...(['tun-nocsum', 'tun-csum', 'tun-remcsum'] as const).flatMap((name) =>
      values[name] === true ? [`--${name}`] : [],
    ),
  ].join(' ');
}

function flag(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value];
}
