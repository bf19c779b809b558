import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';
import { parsePort, splitEndpoint } from '../../net/endpoint.ts';
import { parseEndpoint, type ServiceEndpoint } from '../parse-endpoint.ts';
import {
  destinationOf,
  isOtherKind,
  serviceNameOf,
  serviceOptionsOf,
  weightOf,
} from './rule-parts.ts';
import { parseRule, type RuleOptions, ruleWords } from './rule-words.ts';
import { destinationWords, serviceAddressWords, serviceWords } from './service-words.ts';
import { TableBuilder } from '../table/table-builder.ts';
import { serviceKey, type ServiceName, type VirtualService } from '../virtual-service.ts';

/** The numbers of named ports as the host has them: 'http/tcp' → 80. */
export type PortNames = Readonly<Record<string, number>>;

/** One line of a rules file. */
export interface RulesLine {
  /** As it stands there, without its line feed. */
  readonly text: string;
  /** The asked-for service that it adds, or adds a server to. */
  readonly key?: string;
  /** What it means, in ipvsadm's own words; not set for comments and blank lines. */
  readonly rule?: string;
}

/** A rules file as `ipvsadm-restore` reads it. */
export interface RulesText {
  readonly lines: readonly RulesLine[];
  /** Those of the asked-for services that it brings. */
  readonly services: readonly VirtualService[];
}

interface Question {
  /** Keys of the services that are asked for. */
  readonly keys: ReadonlySet<string>;
  readonly ports: PortNames;
}

/** Commands that leave services and servers alone. */
const HARMLESS = /^(-[LlSZ]|--(list|save|zero|set|(start|stop)-daemon(=.*)?))$/;

const MEMBER_COMMANDS = ['add-server', 'edit-server', 'delete-server'] as const;

/**
 * Reads a rules file for some services; every other line is kept as it is. What ipvsadm would stop at, and what may be
 * about these services and can't be judged, is refused: everything after it would not be loaded, or be something else.
 * @throws IpvsSyntaxError with the line.
 */
export function readRulesText(text: string, question: Question): RulesText {
  const builder = new TableBuilder();
  const lines = text.split('\n').map((raw, index) => readLine(builder, index + 1, raw, question));
  return { lines, services: builder.table().services };
}

function readLine(builder: TableBuilder, line: number, raw: string, question: Question): RulesLine {
  const words = ruleWords(raw);
  // What restores the rules takes such lines out, but only where the sign stands first.
  if (raw.startsWith('#') || words.length === 0) return { text: raw };
  const plain = { text: raw, rule: words.join(' ') };
  const [command = ''] = words;
  if (words.some((word) => word.startsWith('#'))) {
    throw new IpvsSyntaxError(line, `ipvsadm takes no comment there: ${shown(raw)}`);
  }
  if (HARMLESS.test(command)) return plain;
  if (/^(-C|--clear)$/.test(command)) {
    if (builder.table().services.length === 0) return plain;
    throw new IpvsSyntaxError(line, 'it empties the table after the service was put into it');
  }
  return { ...plain, ...readRule(builder, line, words, question) };
}

/** Reads a line about a service or a server. */
function readRule(
  builder: TableBuilder,
  line: number,
  words: readonly string[],
  question: Question,
): Omit<RulesLine, 'text'> {
  const values = parseRule(line, words);
  checkCommand(line, words[0] ?? '', values);
  weightOf(line, values);
  const service = namedService(line, values, question);
  if (service === undefined) return {};
  const key = serviceKey(service);
  const isAsked = question.keys.has(key);
  const target = isAsked ? builder : new TableBuilder();
  if (values['add-service'] === true) {
    const whole = { ...service, ...serviceOptionsOf(values) };
    target.addService(line, whole);
    return { rule: ['-A', ...serviceWords(whole)].join(' '), ...(isAsked && { key }) };
  }
  if (values['add-server'] === true) return readServer(target, line, values, { service, question });
  if (isAsked) throw new IpvsSyntaxError(line, `it changes ${key} after it was put in`);
  return {};
}

function readServer(
  builder: TableBuilder,
  line: number,
  values: RuleOptions,
  {
    service,
    question: { keys, ports },
  }: {
    readonly service: ServiceName;
    readonly question: Question;
  },
): Omit<RulesLine, 'text'> {
  const key = serviceKey(service);
  const readEndpoint = (text: string) => numericEndpoint(text, service.protocol, ports);
  const readServer = (text: string) => readEndpoint(text) ?? damagedEndpoint(text);
  const read = () =>
    destinationOf(line, values, { servicePort: service.port, readEndpoint: readServer });
  // A server of others may have a name, or an address of the other kind; that is theirs.
  if (!keys.has(key) && readEndpoint(values['real-server'] ?? '') === undefined) return {};
  const destination = read();
  if (keys.has(key)) builder.addDestination(line, service, destination);
  const rule = ['-a', ...serviceAddressWords(service), ...destinationWords(destination)].join(' ');
  return { rule, ...(keys.has(key) && { key }) };
}

/** ipvsadm takes its command from the first word, one for each line, with what the command is about. */
function checkCommand(line: number, first: string, values: RuleOptions): void {
  const given = Object.keys(values).filter((name) => /^(add|edit|delete)-/.test(name));
  const isFirst = /^(-[AEDaed]|--(add|edit|delete)-)/.test(first);
  if (!isFirst || given.length !== 1) {
    throw new IpvsSyntaxError(line, `ipvsadm knows no such line: ${shown(first)}`);
  }
  const kinds = ['tcp-service', 'udp-service', 'sctp-service', 'fwmark-service'] as const;
  if (kinds.filter((kind) => values[kind] !== undefined).length !== 1) {
    throw new IpvsSyntaxError(line, 'it names no service, or more than one');
  }
  const isMember = MEMBER_COMMANDS.some((command) => values[command] === true);
  if (isMember !== (values['real-server'] !== undefined)) {
    throw new IpvsSyntaxError(line, isMember ? 'it names no server' : 'it names a server');
  }
}

/**
 * The service that a line is about; undefined where it is none of the asked-for ones whatever its names stand for.
 * @throws IpvsSyntaxError where it may be one of them, and names something that only the host knows at boot.
 */
function namedService(
  line: number,
  values: RuleOptions,
  { keys, ports }: Question,
): ServiceName | undefined {
  if (isOtherKind(values, { keys })) return undefined;
  if (values['fwmark-service'] !== undefined) return serviceNameOf(line, values);
  const protocol = values['tcp-service'] === undefined ? 'udp' : 'tcp';
  const text = values['tcp-service'] ?? values['udp-service'] ?? '';
  const known = numericEndpoint(text, protocol, ports);
  if (known !== undefined) return { protocol, address: known.address, port: known.port ?? 0 };
  const port = namedPort(text, protocol, ports);
  if (port === undefined) {
    throw new IpvsSyntaxError(line, `'${shown(text)}' is no virtual service, ADDRESS:PORT`);
  }
  const mayBeAsked = [...keys].some((key) => key.startsWith(protocol) && key.endsWith(`:${port}`));
  if (!mayBeAsked) return undefined;
  throw new IpvsSyntaxError(
    line,
    `'${shown(text)}' may be the same service, by name; write its address in numbers`,
  );
}

/** The port of HOST:PORT; 0 where there is none, undefined where that is nothing of the kind. */
function namedPort(
  text: string,
  protocol: VirtualService['protocol'],
  ports: PortNames,
): number | undefined {
  const at = text.lastIndexOf(':');
  if (at === -1) return text === '' ? undefined : 0;
  return at === 0 ? undefined : portOf(text.slice(at + 1), protocol, ports);
}

function numericEndpoint(
  text: string,
  protocol: VirtualService['protocol'],
  ports: PortNames,
): ServiceEndpoint | undefined {
  const plain = parseEndpoint(text);
  if (plain !== undefined) return plain;
  const { host: address = '', port: name = '' } = splitEndpoint(text) ?? {};
  const host = parseEndpoint(address);
  const port = portOf(name, protocol, ports);
  return host === undefined || port === undefined ? undefined : { ...host, port };
}

/** Figures that are no address, as '192.168.2.028' is, and that no host can have for a name: a server of nobody's. */
function damagedEndpoint(text: string): ServiceEndpoint | undefined {
  const { host = '', port: number = '' } = splitEndpoint(text) ?? {};
  const port = /^\d{1,5}$/.test(number) ? parsePort(number) : undefined;
  return /^[\d.]{1,20}$/.test(host) && port !== undefined ? { address: host, port } : undefined;
}

function portOf(
  name: string,
  protocol: VirtualService['protocol'],
  ports: PortNames,
): number | undefined {
  if (/^\d{1,5}$/.test(name)) return parsePort(name);
  const key = `${name}/${protocol}`;
  return Object.hasOwn(ports, key) ? ports[key] : undefined;
}

/** Foreign text in a message: short, and on one line. */
function shown(text: string): string {
  const line = text.trim();
  return line.length > 80 ? `${line.slice(0, 80)}...` : line;
}
