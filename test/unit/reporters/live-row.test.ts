import { describe, expect, test } from '@jest/globals';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import {
  type LiveRow,
  renderRow,
  rowAfterEvent,
  rowAfterTask,
} from '../../../src/reporters/terminal/live-row.ts';
import { createPalette } from '../../../src/reporters/text/palette.ts';
import { sampleEvents as events } from './sample-events.ts';

/** The row of a host after these events, one second apart. */
function after(...happened: readonly EngineEvent[]): LiveRow {
  const row = happened.reduce<LiveRow | undefined>(
    (before, event, i) => rowAfterEvent(before, event, i * 1000),
    undefined,
  );
  if (row === undefined) throw new Error('no event');
  return row;
}

function shown(row: LiveRow, now: number, width = 80): string {
  return renderRow(row, { width, labelWidth: 8, now, palette: createPalette(false) });
}

describe('the row of a host', () => {
  test('shows play, step, percentage, and the seconds of this step', () => {
    const row = after(
      events['play-started'],
      events.uploading,
      events['step-started'],
      events['step-progress'],
    );
    expect(shown(row, 43_000)).toBe(
      'rs1       nginx from source 3/5 ▸ nginx 1.16.1 in /usr/local/nginx  63 %  41 s',
    );
  });

  test('is cut in the middle, never at percentage and time', () => {
    const row = after(events['step-started'], events['step-progress']);
    const line = shown(row, 61_000, 50);
    expect(line).toBe('rs1       nginx from source 3/5 …  63 %  1 min 1 s');
    expect(line.length).toBeLessThanOrEqual(51);
  });

  test('a name that nothing stands behind may be longer than the column of the names', () => {
    const row = rowAfterTask(undefined, { task: 'read the counters', state: 'started' }, 0);
    expect(shown(row, 5000)).toBe('read the counters    5 s');
    expect(shown(row, 5000, 20)).toBe('read the cou…    5 s');
  });

  test('waits between two plays, and ends with the proof and the time of all of it', () => {
    const started = [events['play-started'], events['step-started'], events['step-finished']];
    expect(after(...started).state).toBe('running');
    expect(after(...started, events['play-finished']).state).toBe('waiting');
    const proved = after(...started, events['play-finished'], events.proving, events.proved);
    expect(proved.state).toBe('done');
    expect(shown(proved, 99_000)).toBe('rs1       proved: nothing left to change  5.0 s');
  });

  test('the next phase begins its time anew', () => {
    const row = after(events.connecting, events.observed, events['play-started']);
    expect(row).toMatchObject({ state: 'running', began: 2000 });
  });

  test('a notice after the end changes nothing else', () => {
    const proved = after(events.connecting, events.proved);
    const noticed = after(events.connecting, events.proved, events.notice);
    expect(noticed).toEqual({ ...proved, notes: [events.notice.text] });
  });

  test('percentages of an earlier step do not stay', () => {
    const row = after(events['step-started'], events['step-progress'], events['step-started']);
    expect(row).not.toHaveProperty('fraction');
  });

  test('a failure keeps its error', () => {
    const row = after({ ...events['step-started'], host: 'rs2' }, events['host-failed']);
    expect(row).toMatchObject({ state: 'failed', error: events['host-failed'].error });
    expect(shown(row, 5000)).toBe('rs2       failed: nginx 1.16.1 in /usr/local/nginx  1.0 s');
  });
});

test('the row of a task takes the time that the task tells', () => {
  const started = rowAfterTask(undefined, { task: 'boot', state: 'started' }, 0);
  const finished = { task: 'boot', state: 'finished', milliseconds: 18_300 } as const;
  expect(shown(rowAfterTask(started, finished, 20_000), 99_000)).toBe('boot        18 s');
});
