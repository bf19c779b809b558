import { type HostPlan, type KeptResource } from '../../engine/model/plan.ts';
import { wrap } from '../text/fit-text.ts';
import { type Look } from '../text/look.ts';
import { createPalette } from '../text/palette.ts';
import { printable } from '../text/printable-text.ts';

/** What a plan leaves as it is although it would have to be undone, by host; nothing where there is none. */
export function renderKept(hosts: readonly HostPlan[], { color, width }: Look): readonly string[] {
  const palette = createPalette(color);
  const kept = hosts.flatMap(({ host, kept: own = [] }) => own.map((one) => ({ host, ...one })));
  const isNeeded = (one: KeptResource): boolean => one.isNeeded === true;
  const groups = [
    ['Kept as they are (--overwrite undoes them, too)', kept.filter((one) => !isNeeded(one))],
    [
      'Stay, because others need or have changed them (--keep-packages leaves them for good)',
      kept.filter(isNeeded),
    ],
  ] as const;
  return groups.flatMap(([title, ones]) =>
    ones.length === 0
      ? []
      : [
          [
            palette.bold(title),
            ...ones.flatMap(({ host, id, why }) =>
              wrap(`${printable(host)}: ${printable(id)} (${printable(why)})`, width - 4).map(
                (line, i) => `  ${palette.yellow(i === 0 ? '!' : ' ')} ${line}`,
              ),
            ),
          ].join('\n'),
        ],
  );
}
