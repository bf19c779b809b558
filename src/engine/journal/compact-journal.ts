import { specKey } from './journal.ts';
import { type JournalLine, printJournalLine, readJournalLine } from './journal-line.ts';

/** A journal of fewer lines is not worth being written anew. */
const LEAST_LINES = 200;

/**
 * The lines of a journal without those that nobody needs any more, where that makes it half as long or shorter; undefined
 * where it does not. What the lines say stays the same, and what this version can't read stays as it is.
 */
export function compactJournal(printed: readonly string[]): readonly string[] | undefined {
  if (printed.length < LEAST_LINES) return undefined;
  const needed = neededLines(printed);
  return needed.length * 2 <= printed.length ? needed : undefined;
}

/** What is needed of a journal's lines, in their order; pure, and linear in their number. */
export function neededLines(printed: readonly string[]): readonly string[] {
  const all = printed.map((text) => ({ text, read: readJournalLine(text) }));
  const needed = new Needed();
  for (const { read } of all) if (read.kind === 'line') needed.follow(read.line);
  const lines = needed.lines();
  const runs = new Set([...lines].map(({ run }) => run));
  const isKept = (line: JournalLine): boolean =>
    lines.has(line) || (line.type === 'run' && runs.has(line.run));
  return [
    ...all.flatMap(({ text, read }) => (read.kind !== 'line' || isKept(read.line) ? [text] : [])),
    ...needed.summaries().map(printJournalLine),
  ];
}

/** What is needed of one resource's lines. */
interface NeededOfOne {
  readonly first: JournalLine;
  /** The newest of each spec and playbook. */
  readonly made: Map<string, JournalLine>;
  readonly outcomes: JournalLine[];
  /** The line that says that a change was begun of which no end was seen. */
  interruption?: JournalLine | undefined;
  /** The line that says that it was made. */
  finished?: JournalLine;
}

/** Goes through a journal's lines as `entriesOf` does, and remembers which of them its result rests on. */
class Needed {
  readonly #byId = new Map<string, NeededOfOne>();

  follow(line: JournalLine): void {
    switch (line.type) {
      case 'first':
        if (!this.#byId.has(line.id)) this.#byId.set(line.id, begun(line));
        return;
      case 'made':
        this.#byId.get(line.id)?.made.set(`${specKey(line.spec)} ${line.playbook}`, line);
        return;
      case 'released':
        line.ids.forEach((id) => this.#byId.delete(id));
        return;
      case 'began':
      case 'ended':
      case 'finished':
        this.#followChange(line);
        return;
      case 'run':
    }
  }

  #followChange(line: JournalLine & { readonly type: 'began' | 'ended' | 'finished' }): void {
    if (line.type !== 'ended') {
      for (const id of line.ids) {
        if (line.type === 'began') this.#interrupt(id, line);
        else this.#finish(id, line);
      }
      return;
    }
    this.#interrupt(line.id, undefined);
    if (line.outcome !== undefined) this.#byId.get(line.id)?.outcomes.push(line);
  }

  lines(): ReadonlySet<JournalLine> {
    return new Set(
      [...this.#byId.values()].flatMap(({ first, made, outcomes }) => [
        first,
        ...made.values(),
        ...outcomes,
      ]),
    );
  }

  /** The old lines name also resources of which this is true no longer, so one new line stands for all of them. */
  summaries(): readonly JournalLine[] {
    return [
      ...this.#summary('began', ({ interruption }) => interruption),
      ...this.#summary('finished', ({ finished }) => finished),
    ];
  }

  #summary(
    type: 'began' | 'finished',
    lineOf: (needed: NeededOfOne) => JournalLine | undefined,
  ): readonly JournalLine[] {
    const named = [...this.#byId].flatMap(([id, needed]) => {
      const line = lineOf(needed);
      return line === undefined ? [] : [{ id, run: line.run, time: line.time }];
    });
    const last = named.at(-1);
    if (last === undefined) return [];
    return [{ type, ids: named.map(({ id }) => id), run: last.run, time: last.time }];
  }

  #finish(id: string, line: JournalLine): void {
    const needed = this.#byId.get(id);
    if (needed !== undefined) needed.finished = line;
  }

  #interrupt(id: string, line: JournalLine | undefined): void {
    const needed = this.#byId.get(id);
    if (needed !== undefined) needed.interruption = line;
  }
}

function begun(first: JournalLine): NeededOfOne {
  return { first, made: new Map(), outcomes: [] };
}
