import { type HostPlan } from '../engine/plan.ts';
import { wrap } from './fit-text.ts';
import { type Look } from './look.ts';
import { createPalette } from './palette.ts';
import { printable } from './printable-text.ts';

/** What a plan leaves as it is although it would have to be taken back, by host; nothing where there is none. */
export function renderKept(hosts: readonly HostPlan[], { color, width }: Look): readonly string[] {
  const palette = createPalette(color);
  const rows = hosts.flatMap(({ host, kept = [] }) =>
    kept.map(({ id, why }) => `${printable(host)}: ${printable(id)} (${printable(why)})`),
  );
  if (rows.length === 0) return [];
  return [
    [
      palette.bold('Kept as they are (--overwrite takes them back, too)'),
      ...rows.flatMap((row) =>
        wrap(row, width - 4).map((line, i) => `  ${palette.yellow(i === 0 ? '!' : ' ')} ${line}`),
      ),
    ].join('\n'),
  ];
}
