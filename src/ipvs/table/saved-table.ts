import { isBracketed } from '../../net/endpoint.ts';
import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';
import {
  destinationOf,
  isOtherKind,
  serviceAddressOf,
  serviceOptionsOf,
  weightOf,
} from '../rules/rule-parts.ts';
import { parseRule, ruleWords } from '../rules/rule-words.ts';
import { destinationWords, serviceAddressWords, serviceWords } from '../rules/service-words.ts';
import { TableBuilder } from './table-builder.ts';
import { type IpvsTable } from '../virtual-service.ts';

/**
 * Reads what `ipvsadm-save -n` prints: comments, blank lines, a leading `ipvsadm` and left-out defaults are understood as
 * `ipvsadm-restore` does. A service with a server that a `Destination` can't express is foreign as a whole.
 * @throws IpvsSyntaxError
 */
export function parseSavedTable(text: string): IpvsTable {
  const builder = new TableBuilder();
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.startsWith('#')) continue;
    const words = ruleWords(raw);
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
