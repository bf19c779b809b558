import { type JournalEntry } from '../../src/engine/journal/journal.ts';
import { type Resource, value } from '../../src/engine/model/resource.ts';
import { sh } from '../../src/engine/model/shell/script.ts';

export type Pair = readonly [string, string];

/** A resource of two parts, which an interruption can part. */
export function pair(id: string, wanted: Pair, more: Partial<Resource> = {}): Resource {
  return {
    id,
    aim: () => value(wanted),
    observe: sh`true`,
    parse: (output) => value(output),
    diff(from, to) {
      const [before, after] = [from, to].map((state) =>
        state.kind === 'absent' ? ['', ''] : (state.value as Pair),
      );
      return ['left', 'right'].flatMap((field, i) =>
        before?.[i] === after?.[i]
          ? []
          : [{ field, from: before?.[i] ?? '', to: after?.[i] ?? '' }],
      );
    },
    converge: () => sh`true`,
    ...more,
  };
}

export function entry(id: string, before: Pair, ...made: readonly [Pair, ...Pair[]]): JournalEntry {
  const [spec, ...specs] = made.map((args) => ({ kind: 'pair', args: { id, args } }));
  return {
    id,
    before: value(before),
    play: { name: 'p', after: [] },
    specs: [spec ?? { kind: 'pair', args: {} }, ...specs],
    playbooks: ['site'],
    outcomes: [],
    interrupted: false,
  };
}

export const makeFromSpec = ({ args }: { readonly args: unknown }): Resource => {
  const { id, args: wanted } = args as { id: string; args: Pair };
  return pair(id, wanted);
};
