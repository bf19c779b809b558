import { type RulesLine, type RulesText } from './rules-text.ts';
import { printSavedTable } from '../table/saved-table.ts';
import { compareTables } from '../table/table-deltas.ts';
import { serviceKey, type VirtualService } from '../virtual-service.ts';

/** What a rules file shall say of some services. */
export interface RulesWish {
  readonly service: VirtualService;
  /** Keys of services that go. */
  readonly gone: ReadonlySet<string>;
  /** Lines that those had before lvslab, as they stood there; they come back. */
  readonly before: readonly string[];
}

/**
 * The text with the service in it, in the place where it stood; every line about anything else stays, byte for byte.
 */
export function editRulesText({ lines, services }: RulesText, wish: RulesWish): string {
  const { service, gone, before } = wish;
  const key = serviceKey(service);
  const found = services.find((other) => serviceKey(other) === key);
  const wanted = printSavedTable({ services: [service], foreign: [] })
    .trimEnd()
    .split('\n');
  const isRight = found !== undefined && isSame(found, service);
  const first = lines.findIndex((line) => line.key === key);
  const isBack = lines.some((line) => before.includes(line.text));
  const kept = lines.flatMap((line, index) => {
    if (line.key !== undefined && gone.has(line.key) && !before.includes(line.text)) return [];
    if (line.key !== key || isRight) return [line.text];
    return index === first ? wanted : [];
  });
  const added = [...(first === -1 ? wanted : []), ...(isBack ? [] : before)];
  return append(kept, added);
}

/** The rules of a file, each once, without comments; `ipvsadm.service` keeps no more of it than these. */
export function rulesIn(lines: readonly RulesLine[]): ReadonlySet<string> {
  return new Set(lines.flatMap(({ rule }) => rule ?? []));
}

function isSame(one: VirtualService, other: VirtualService): boolean {
  return (
    compareTables({ services: [one], foreign: [] }, { services: [other], foreign: [] }).length === 0
  );
}

/** The last line of a file may lack its line feed; what comes behind it needs it. */
function append(kept: readonly string[], added: readonly string[]): string {
  if (added.length === 0) return kept.join('\n');
  const whole = kept.at(-1) === '' ? kept.slice(0, -1) : kept;
  return [...whole, ...added, ''].join('\n');
}
