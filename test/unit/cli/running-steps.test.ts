import { expect, test } from '@jest/globals';
import { RunningSteps } from '../../../src/cli/terminal/running-steps.ts';
import { ConnectionLostError } from '../../../src/engine/model/failures/errors.ts';
import { sampleEvents as events } from '../reporters/sample-events.ts';
import { buildFailure } from '../reporters/samples.ts';

test('names the steps that nobody will have seen the end of', () => {
  const running = new RunningSteps();
  expect(running.text).toBe('');
  running.follow(events['step-started']);
  running.follow({ ...events['step-started'], host: 'rs2', step: 'packages gcc' });
  running.follow(events['step-progress']);
  expect(running.text).toBe('nginx 1.16.1 in /usr/local/nginx on rs1, packages gcc on rs2');
  running.follow(events['step-finished']);
  expect(running.text).toBe('packages gcc on rs2');
});

test('a step goes on without its connection, but not after it has failed', () => {
  const running = new RunningSteps();
  running.follow(events['step-followed']);
  const error = new ConnectionLostError('the connection broke', { host: 'rs1' });
  running.follow({ type: 'host-failed', host: 'rs1', error });
  expect(running.text).toContain('on rs1');
  running.follow({ type: 'host-failed', host: 'rs1', error: buildFailure });
  expect(running.text).toBe('');
});
