import { expect, test } from '@jest/globals';
import { ConnectError } from '../../../src/engine/model/failures/errors.ts';
import { renderError } from '../../../src/reporters/render/render-error.ts';
import { expectGolden } from '../../support/golden.ts';
import { brokenPlan, buildFailure } from './samples.ts';

const look = { width: 80, color: false, verbose: false };

test('a failed step: host, step, the end of its output, what to do', () => {
  expectGolden('reporters/error-step.txt', renderError(buildFailure, look));
});

test('in colour', () => {
  expectGolden('reporters/error-color.txt', renderError(buildFailure, { ...look, color: true }));
});

test('with its causes', () => {
  const texts = brokenPlan.failures.map(({ error }) => renderError(error, look));
  expectGolden('reporters/error-causes.txt', texts.join('\n'));
});

test('a cause that the message has told already is not told twice', () => {
  const cause = new Error('connect ECONNREFUSED', { cause: 'nobody listens there' });
  const error = new ConnectError('connect ECONNREFUSED 127.0.0.1:22', { cause });
  expect(renderError(error, look)).toBe(
    'connect ECONNREFUSED 127.0.0.1:22 [E_CONNECT]\n  because: nobody listens there\n',
  );
});

test('causes that go round in a circle', () => {
  const cause = new Error('a');
  cause.cause = new Error('b', { cause });
  const error = new ConnectError('no', { cause });
  expect(renderError(error, look)).toBe('no [E_CONNECT]\n  because: a\n  because: b\n');
});

test('a bug: its stack, and where to go with it', () => {
  const text = renderError(new TypeError('x is not a function'), look);
  expect(text).toMatch(/^A mistake in lvslab itself: x is not a function\n {4}at .*render-error/);
  expect(text).toMatch(/Please report it/);
});

test.each([undefined, null, 'a string', 42, {}])('whatever was thrown: %p', (thrown) => {
  expect(renderError(thrown, look)).toMatch(/^A mistake in lvslab itself: .+\nPlease report/);
});

test('an error of a copy of lvslab that was loaded a second time is known as well', () => {
  const copy = Object.assign(new Error('no route'), {
    code: 'E_CONNECT',
    host: 'rs1',
    hint: 'Go.',
  });
  expect(renderError(copy, look)).toBe('rs1: no route [E_CONNECT]\n  → Go.\n');
});
