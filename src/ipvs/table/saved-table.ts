import { isBracketed } from '../../net/endpoint.ts';
import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';
import { parseEndpoint } from '../parse-endpoint.ts';
import {
  destinationOf,
  isAskedMark,
  isOtherKind,
  parseMark,
  serviceNameOf,
  serviceOptionsOf,
  type TableQuestion,
  weightOf,
} from '../rules/rule-parts.ts';
import { parseRule, ruleWords } from '../rules/rule-words.ts';
import { destinationWords, serviceAddressWords, serviceWords } from '../rules/service-words.ts';
import { TableBuilder } from './table-builder.ts';
import {
  type IpvsTable,
  MARKED_PLACE,
  type ServiceName,
  type VirtualService,
} from '../virtual-service.ts';

/**
 * Reads what `ipvsadm-save -n` prints: comments, blank lines, a leading `ipvsadm` and left-out defaults are understood as
 * `ipvsadm-restore` does. A service with a server that a `Destination` can't express is foreign as a whole.
 * @throws IpvsSyntaxError
 */
export function parseSavedTable(text: string, question: TableQuestion = {}): IpvsTable {
  const builder = new TableBuilder(question.keys);
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.startsWith('#')) continue;
    const words = ruleWords(raw);
    if (words.length === 0) continue;
    const read = (): void => {
      readRule(builder, index + 1, { words, question });
    };
    const subject = subjectOf(words, question);
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
const MARKED = ['-f', '--fwmark-service'];
const COMMANDS = ['-A', '-a', '--add-service', '--add-server'];

/** The service that a line as `ipvsadm-save` writes it is about, whatever else stands there; undefined for one of another kind. */
function subjectOf(
  words: readonly string[],
  question: TableQuestion,
): ServiceName | undefined | 'unknown' {
  const [command = '', kind = '', text = ''] = words;
  if (!COMMANDS.includes(command)) return 'unknown';
  if (MARKED.includes(kind)) return words.includes('-6') ? undefined : markedName(text, question);
  const protocol = PROTOCOLS.get(kind);
  if (protocol === undefined) return kind === '--sctp-service' ? undefined : 'unknown';
  return isBracketed(text) ? undefined : addressedName(protocol, text);
}

function addressedName(
  protocol: VirtualService['protocol'],
  text: string,
): ServiceName | 'unknown' {
  const parsed = parseEndpoint(text);
  if (parsed === undefined) return 'unknown';
  return { protocol, address: parsed.address, port: parsed.port ?? 0 };
}

/** Undefined for a mark that nobody asked for. */
function markedName(text: string, question: TableQuestion): ServiceName | undefined {
  const mark = parseMark(text);
  return mark !== undefined && isAskedMark(mark, question) ? { ...MARKED_PLACE, mark } : undefined;
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

function readRule(
  builder: TableBuilder,
  line: number,
  { words, question }: { readonly words: readonly string[]; readonly question: TableQuestion },
): void {
  const values = parseRule(line, words);
  const isService = values['add-service'] === true;
  if (isService === (values['add-server'] === true)) {
    throw new IpvsSyntaxError(line, `neither -A nor -a: ${words.join(' ')}`);
  }
  if (isOtherKind(values, question)) {
    builder.addForeign(words.join(' '));
    return;
  }
  const service = serviceNameOf(line, values);
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
