import { type RulesLine, type RulesText } from './rules-text.ts';
import { printSavedTable } from '../table/saved-table.ts';
import { compareTables } from '../table/table-deltas.ts';
import { serviceKey, type VirtualService } from '../virtual-service.ts';

/** What a rules file has to say of some services. */
export interface RulesAim {
  readonly services: readonly VirtualService[];
  /** Keys of services that go. */
  readonly gone: ReadonlySet<string>;
  /** Lines that those had before lvslab, as they stood there; they come back. */
  readonly before: readonly string[];
}

/**
 * The text with the services in it, each in the place where it stood; every line about anything else stays, byte for byte.
 */
export function editRulesText({ lines, services: found }: RulesText, aim: RulesAim): string {
  const { services, gone, before } = aim;
  const known = new Map(found.map((service) => [serviceKey(service), service]));
  const written = new Set(lines.flatMap(({ key }) => key ?? []));
  /** By key: the lines that take the place of those that are there. */
  const replaced = new Map(
    services.flatMap((service) => {
      const there = known.get(serviceKey(service));
      const isRight = there !== undefined && isSame(there, service);
      return isRight ? [] : [[serviceKey(service), linesOf(service)] as const];
    }),
  );
  const missing = services.filter((service) => !written.has(serviceKey(service)));
  const isBack = lines.some((line) => before.includes(line.text));
  const put = new Set<string>();
  const kept = lines.flatMap(({ key, text }) => {
    if (key === undefined) return [text];
    if (gone.has(key) && !before.includes(text)) return [];
    const instead = replaced.get(key);
    if (instead === undefined) return [text];
    if (put.has(key)) return [];
    put.add(key);
    return instead;
  });
  return append(kept, [...missing.flatMap(linesOf), ...(isBack ? [] : before)]);
}

function linesOf(service: VirtualService): readonly string[] {
  return printSavedTable({ services: [service], foreign: [] })
    .trimEnd()
    .split('\n');
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
