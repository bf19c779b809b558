import { expect, test } from '@jest/globals';
import { reportTo } from '../../../src/cli/embedded-events.ts';
import { type Screen } from '../../../src/cli/screen.ts';
import { type TaskEvent } from '../../../src/engine/events.ts';

test('work that was never said to begin has taken no time, and none is told', () => {
  const told: TaskEvent[] = [];
  let ticks = 0;
  const screen = {
    reporter: { task: (event: TaskEvent) => void told.push(event) },
    reporting: { now: () => (ticks += 0.001) },
  } as unknown as Screen;
  const report = reportTo(screen);
  report({ type: 'done', step: 'boot', host: 'rs1' });
  report({ type: 'started', step: 'boot', host: 'rs2' });
  report({ type: 'done', step: 'boot', host: 'rs2' });
  expect(told[0]).toEqual({ task: 'rs1: boot', state: 'finished' });
  expect(told[2]?.milliseconds).toBeGreaterThan(0);
});
