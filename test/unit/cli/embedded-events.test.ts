import { expect, test } from '@jest/globals';
import { reportTo } from '../../../src/cli/terminal/embedded-events.ts';
import { type Screen } from '../../../src/cli/terminal/screen.ts';
import { type LabEvent } from '../../../src/embedded/lab/lab-event.ts';
import { type TaskEvent } from '../../../src/engine/model/events.ts';

/** What the tasks of the screen are told about these events, on a clock that never stands still. */
function tasksOf(events: readonly LabEvent[]): readonly TaskEvent[] {
  const tasks: TaskEvent[] = [];
  let time = 0;
  const reporter = { task: (event: TaskEvent) => void tasks.push(event) };
  const reporting = { now: () => (time += 10) };
  const report = reportTo({ reporter, reporting } as unknown as Screen);
  for (const event of events) report(event);
  return tasks;
}

test('work that was never said to begin has taken no time, and none is told', () => {
  const rs1 = { step: 'boot', host: 'rs1' };
  const rs2 = { step: 'boot', host: 'rs2' };
  const told = tasksOf([
    { type: 'done', ...rs1 },
    { type: 'started', ...rs2 },
    { type: 'done', ...rs2 },
  ]);
  expect(told[0]).toEqual({ task: 'rs1: boot', state: 'finished' });
  expect(told[2]?.milliseconds).toBeGreaterThan(0);
});

test('what was stopped has neither failed nor come to its end', () => {
  const subject = { step: 'boot', host: 'rs1' };
  const events = [
    { type: 'started', ...subject } as const,
    { type: 'stopped', ...subject } as const,
  ];
  expect(tasksOf(events)).toEqual([
    { task: 'rs1: boot', state: 'started' },
    { task: 'rs1: boot', state: 'progress', text: 'stopped' },
  ]);
});
