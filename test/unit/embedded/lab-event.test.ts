import { expect, test } from '@jest/globals';
import { CancelledError } from '../../../src/engine/model/failures/errors.ts';
import { type LabEvent, stepsReportedTo } from '../../../src/embedded/lab/lab-event.ts';

test('a piece of work that fails says so in one line, and its error goes on', async () => {
  const events: LabEvent[] = [];
  const run = stepsReportedTo((event) => void events.push(event));
  const subject = { step: 'boot', host: 'rs1' };
  const error = new Error('no answer\nand more');
  await expect(run(subject, () => Promise.reject(error))).rejects.toBe(error);
  expect(events).toEqual([
    { type: 'started', ...subject },
    { type: 'failed', ...subject, text: 'no answer' },
  ]);
});

test('a piece of work that was asked to stop has not failed', async () => {
  const events: LabEvent[] = [];
  const run = stepsReportedTo((event) => void events.push(event));
  const subject = { step: 'boot', host: 'rs1' };
  const error = new CancelledError('stopped on request');
  await expect(run(subject, () => Promise.reject(error))).rejects.toBe(error);
  expect(events).toEqual([
    { type: 'started', ...subject },
    { type: 'stopped', ...subject },
  ]);
});
