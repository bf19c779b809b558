import { type LvslabError } from '../../engine/model/failures/errors.ts';
import { type EngineEvent, type TaskEvent } from '../../engine/model/events.ts';
import { describeEvent, percentage } from '../render/describe-event.ts';
import { cut, displayWidth } from '../text/fit-text.ts';
import { formatDuration, formatSeconds } from '../text/format-duration.ts';
import { type Palette } from '../text/palette.ts';
import { printable } from '../text/printable-text.ts';

/** 'waiting': between two plays, where nothing goes on but more may come. */
export type RowState = 'running' | 'waiting' | 'done' | 'skipped' | 'failed';

/** What the screen shows of one host or task: its last event, and for how long that has been so. */
export interface LiveRow {
  readonly label: string;
  readonly state: RowState;
  readonly text: string;
  /** 0–1, while a step tells how far it is. */
  readonly fraction?: number;
  readonly began: number;
  /** When what `text` says began. */
  readonly changed: number;
  readonly notes: readonly string[];
  readonly error?: LvslabError;
}

/** The row of a host after one more event; `row` is not set before its first. */
export function rowAfterEvent(row: LiveRow | undefined, event: EngineEvent, now: number): LiveRow {
  const before = begin(row, event.host, now);
  if (event.type === 'notice' || event.type === 'job-found') {
    const owner = row ?? next(before, 'waiting', now);
    return { ...owner, notes: [...owner.notes, describeEvent(event)] };
  }
  if (event.type === 'step-progress') return { ...before, fraction: event.done / event.total };
  if (event.type === 'step-finished') return before;
  const after = next(before, STATES_AFTER[event.type] ?? 'running', now);
  if (event.type === 'host-failed') {
    return { ...after, state: 'failed', text: failureText(event.error), error: event.error };
  }
  return { ...after, text: rowText(event) };
}

/** The row of a failure whose error is shown elsewhere. */
export function withoutError({ error, ...row }: LiveRow): LiveRow {
  return error === undefined ? row : { ...row, text: `failed: ${firstLine(error.message)}` };
}

/** The row of a task after one more event. */
export function rowAfterTask(row: LiveRow | undefined, event: TaskEvent, now: number): LiveRow {
  const before = begin(row, event.task, now);
  const text = event.text ?? '';
  switch (event.state) {
    case 'started':
      return { ...next(before, 'running', now), text };
    case 'progress':
      return {
        ...before,
        text: event.text ?? before.text,
        ...(event.fraction === undefined ? {} : { fraction: event.fraction }),
      };
    case 'finished':
      return { ...next(timed(before, event, now), 'done', now), text };
    case 'failed':
      return {
        ...next(timed(before, event, now), 'failed', now),
        text: text === '' ? 'failed' : `failed: ${text}`,
      };
  }
}

/** One line of at most `width` columns: label, what goes on, percentage, time. */
export function renderRow(
  row: LiveRow,
  {
    width,
    labelWidth,
    now,
    palette,
  }: {
    readonly width: number;
    readonly labelWidth: number;
    readonly now: number;
    readonly palette: Palette;
  },
): string {
  const end = [
    ...(row.fraction === undefined ? [] : [percentage(row.fraction)]),
    ...timeOf(row, now),
  ].map((part) => `  ${part}`);
  const room = width - end.join('').length - 2;
  // A label that nothing stands behind may take all the room that there is.
  const label = cut(printable(row.label), row.text === '' ? room : labelWidth);
  const padding = ' '.repeat(Math.max(0, labelWidth - displayWidth(label)));
  const text = cut(printable(row.text), room - labelWidth);
  return `${palette.bold(label)}${padding}  ${text}${palette.dim(end.join(''))}`.trimEnd();
}

/** Takes a row up again that had come to an end: its time begins anew. */
function begin(row: LiveRow | undefined, label: string, now: number): LiveRow {
  if (row !== undefined && ['running', 'waiting'].includes(row.state)) return row;
  const notes = row?.notes ?? [];
  return { label, state: 'running', text: '', began: now, changed: now, notes };
}

function next({ label, began, notes }: LiveRow, state: RowState, now: number): LiveRow {
  return { label, state, text: '', began, changed: now, notes };
}

/** A task knows better than the screen how long it took. */
function timed(row: LiveRow, { milliseconds }: TaskEvent, now: number): LiveRow {
  return milliseconds === undefined ? row : { ...row, began: now - milliseconds };
}

function rowText(event: EngineEvent): string {
  return event.type === 'step-started' || event.type === 'step-followed'
    ? `${event.play} ${event.index}/${event.total} ▸ ${event.step}`
    : describeEvent(event);
}

const STATES_AFTER: Partial<Record<EngineEvent['type'], RowState>> = {
  observed: 'done',
  'play-finished': 'waiting',
  'play-skipped': 'skipped',
  // When something is left after the proof, the host's failure follows.
  proved: 'done',
};

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function failureText({ step }: LvslabError): string {
  return step === undefined ? 'failed' : `failed: ${step}`;
}

/** For what goes on: how long this step takes already. For what has ended: how long all of it took. */
function timeOf({ state, began, changed }: LiveRow, now: number): readonly string[] {
  if (state !== 'running') return changed === began ? [] : [formatDuration(changed - began)];
  return now - changed < 1000 ? [] : [formatSeconds(now - changed)];
}
