import { readFileSync } from 'node:fs';

/** A line of a source file; lines count from 1. */
interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

/** The place that a stack frame names, 'at f (/x/own.ts:9:22)'; undefined where there is none. */
export function placeIn(frame: string): SourcePlace | undefined {
  const place = /(?:^|[\s(])(?:file:\/\/)?(\/.*?):(\d+):\d+\)?$/.exec(frame);
  return place === null ? undefined : { file: place[1] ?? '', line: Number(place[2]) };
}

/** The line itself, marked, below the one before it; nothing where the file can't be read. */
export function sourceFrame({ file, line }: SourcePlace): readonly string[] {
  const rows = rowsOf(file);
  if (rows[line - 1] === undefined) return [];
  const width = String(line).length;
  return [line - 1, line].flatMap((number) => {
    const row = rows[number - 1];
    const mark = number === line ? '>' : ' ';
    return row === undefined ? [] : [`  ${mark} ${String(number).padStart(width)} | ${row}`];
  });
}

function rowsOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return [];
  }
}
