import { LvslabError } from '../engine/model/failures/errors.ts';

/** A place in a file, or in a command-line value that is treated as one. Line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with an inventory, and where. */
export interface Problem extends Position {
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string;
  /** What may have been meant, or what to do. */
  readonly suggestion?: string;
}

/** The inventory can't be used; carries everything that is wrong with it, in the order of the files. */
export class InventoryError extends LvslabError {
  readonly code = 'E_INVENTORY';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super([`${count} in the inventory`, ...problems.map(problemLine)].join('\n'), {
      step: 'inventory',
      hint: 'Correct the places named above; docs/inventory.md describes every variable.',
    });
    this.problems = problems;
  }
}

/** 'FILE:LINE:COLUMN: what is wrong (what to do)'. */
export function problemLine({ file, line, column, message, suggestion }: Problem): string {
  return `${file}:${line}:${column}: ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`;
}
