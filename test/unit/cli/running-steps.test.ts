import { expect, test } from '@jest/globals';
import { UnderWay } from '../../../src/cli/terminal/running-steps.ts';
import { ConnectionLostError } from '../../../src/engine/model/errors.ts';
import { sampleEvents as events } from '../reporters/sample-events.ts';
import { buildFailure } from '../reporters/samples.ts';

test('names the steps that nobody will have seen the end of', () => {
  const underWay = new UnderWay();
  expect(underWay.text).toBe('');
  underWay.follow(events['step-started']);
  underWay.follow({ ...events['step-started'], host: 'rs2', step: 'packages gcc' });
  underWay.follow(events['step-progress']);
  expect(underWay.text).toBe('nginx 1.16.1 in /usr/local/nginx on rs1, packages gcc on rs2');
  underWay.follow(events['step-finished']);
  expect(underWay.text).toBe('packages gcc on rs2');
});

test('a step goes on without its connection, but not after it has failed', () => {
  const underWay = new UnderWay();
  underWay.follow(events['step-followed']);
  const error = new ConnectionLostError('the connection broke', { host: 'rs1' });
  underWay.follow({ type: 'host-failed', host: 'rs1', error });
  expect(underWay.text).toContain('on rs1');
  underWay.follow({ type: 'host-failed', host: 'rs1', error: buildFailure });
  expect(underWay.text).toBe('');
});
