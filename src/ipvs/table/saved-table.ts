import { isBracketed } from '../../net/endpoint.ts';
import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';
import { parseEndpoint } from '../parse-endpoint.ts';
import {
  destinationOf,
  isOtherKind,
  type ServiceAddress,
  serviceAddressOf,
  serviceOptionsOf,
  weightOf,
} from '../rules/rule-parts.ts';
import { parseRule, ruleWords } from '../rules/rule-words.ts';
import { destinationWords, serviceAddressWords, serviceWords } from '../rules/service-words.ts';
import { TableBuilder } from './table-builder.ts';
import { type IpvsTable, type VirtualService } from '../virtual-service.ts';

/** Which services somebody wants to know of. */
export interface TableQuestion {
  /** Their keys; not set, all services. What can't be read of others makes these foreign, and no more. */
  readonly keys?: ReadonlySet<string>;
}

/**
 * Reads what `ipvsadm-save -n` prints: comments, blank lines, a leading `ipvsadm` and left-out defaults are understood as
 * `ipvsadm-restore` does. A service with a server that a `Destination` can't express is foreign as a whole.
 * @throws IpvsSyntaxError
 */
export function parseSavedTable(text: string, { keys }: TableQuestion = {}): IpvsTable {
  const builder = new TableBuilder(keys);
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.startsWith('#')) continue;
    const words = ruleWords(raw);
    if (words.length === 0) continue;
    const read = (): void => {
      readRule(builder, index + 1, words);
    };
    const subject = subjectOf(words);
    if (subject === 'unknown') read();
    else builder.readLine(words.join(' '), subject, read);
  }
  return builder.table();
}

/** How a line names a service: that of a TCP or UDP service over IPv4, and those of others. */
const PROTOCOLS: ReadonlyMap<string, VirtualService['protocol']> = new Map([
  ['-t', 'tcp'],
  ['--tcp-service', 'tcp'],
  ['-u', 'udp'],
  ['--udp-service', 'udp'],
]);
const OTHER_KINDS = ['-f', '--fwmark-service', '--sctp-service'];
const COMMANDS = ['-A', '-a', '--add-service', '--add-server'];

/** The service that a line as `ipvsadm-save` writes it is about, whatever else stands there; undefined for one of another kind. */
function subjectOf(words: readonly string[]): ServiceAddress | undefined | 'unknown' {
  const [command = '', kind = '', text = ''] = words;
  if (!COMMANDS.includes(command)) return 'unknown';
  const protocol = PROTOCOLS.get(kind);
  if (protocol === undefined) return OTHER_KINDS.includes(kind) ? undefined : 'unknown';
  if (isBracketed(text)) return undefined;
  const parsed = parseEndpoint(text);
  if (parsed === undefined) return 'unknown';
  return { protocol, address: parsed.address, port: parsed.port ?? 0 };
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
  const values = parseRule(line, words);
  const isService = values['add-service'] === true;
  if (isService === (values['add-server'] === true)) {
    throw new IpvsSyntaxError(line, `neither -A nor -a: ${words.join(' ')}`);
  }
  if (isOtherKind(values)) {
    builder.addForeign(words.join(' '));
    return;
  }
  const service = serviceAddressOf(line, values);
  if (isService) {
    builder.addService(line, { ...service, ...serviceOptionsOf(values) });
  } else if (isBracketed(values['real-server'] ?? '')) {
    weightOf(line, values);
    builder.makeForeign(line, service, words.join(' '));
  } else {
    const destination = destinationOf(line, values, { servicePort: service.port });
    builder.addDestination(line, service, destination);
  }
}
