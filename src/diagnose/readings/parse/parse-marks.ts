import { markFilters } from '../../../platforms/packet-marks/mark-filters.ts';
import { parseSections } from '../../../platforms/sections.ts';

/** More than the rules of all services that a lab may have. */
const MOST_LINES = 200;

/** Reads what a host has to say of lvslab's own rules, by each program that it has for that. */
export function parseMarks(text: string): string[] {
  const sections = parseSections(text);
  return Object.values(markFilters)
    .flatMap(({ name, read }) => read(sections.get(name) ?? ''))
    .slice(0, MOST_LINES);
}
