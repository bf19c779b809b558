import { describe, expect, test } from '@jest/globals';
import {
  cancelled,
  pause,
  pauseOrAbort,
  throwIfCancelled,
} from '../../../src/engine/model/failures/cancellation.ts';
import { CancelledError, InternalError } from '../../../src/engine/model/failures/errors.ts';
import { hostError } from '../../../src/engine/model/failures/host-error.ts';

const where = { host: 'rs1', step: 'nginx', hint: 'Wait.' };

/** A request to stop, made already. */
function stopped(reason?: unknown): AbortSignal {
  return AbortSignal.abort(reason);
}

describe('a request to stop', () => {
  test('becomes the same error, whoever notices it', () => {
    const first = new CancelledError('stopped by a signal');
    expect(cancelled(stopped(first), where)).toBe(first);
  });

  test('says where it was noticed, and why where that says more than that it was asked for', () => {
    const reason = new Error('the terminal is gone');
    expect(cancelled(stopped(reason), where)).toMatchObject({ ...where, cause: reason });
    const aborted = Object.assign(new Error('This operation was aborted'), { name: 'AbortError' });
    const plain = cancelled(stopped(aborted), where);
    expect(plain).toMatchObject({ ...where, message: 'stopped on request' });
    expect(plain.cause).toBeUndefined();
    expect(cancelled(stopped('a word')).cause).toBe('a word');
  });

  test('the cause that the caller knows counts more', () => {
    const cause = new Error('cut off');
    expect(cancelled(stopped(new Error('else')), { cause }).cause).toBe(cause);
  });

  test('throws where it was made, and only there', () => {
    expect(() => {
      throwIfCancelled(stopped(), where);
    }).toThrow(CancelledError);
    throwIfCancelled(new AbortController().signal, where);
  });
});

describe('waiting', () => {
  /** Long enough that a test that waits for it fails. */
  const LONG = 3_600_000;

  test('comes to its end, with a signal and without', async () => {
    const { signal } = new AbortController();
    const waits = [pause(1, undefined), pause(1, signal), pauseOrAbort(1, signal)];
    await expect(Promise.all(waits)).resolves.toHaveLength(3);
  });

  test('ends as soon as the person asks to stop, as an error that says where', async () => {
    const stop = new AbortController();
    const waiting = pause(LONG, stop.signal, where);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'E_CANCELLED', ...where });
    await expect(pause(LONG, stopped())).rejects.toThrow(CancelledError);
  });

  test('or without one, where that is only a reason to go on', async () => {
    const stop = new AbortController();
    const waiting = pauseOrAbort(LONG, stop.signal);
    stop.abort();
    await expect(waiting).resolves.toBeUndefined();
  });
});

describe('what goes wrong with one host', () => {
  test('is its own failure as it stands, where lvslab knows it', () => {
    const known = new CancelledError('stopped');
    expect(hostError(known, 'rs1')).toBe(known);
  });

  test.each([
    [new TypeError('x is undefined'), 'x is undefined'],
    ['a word', 'a word'],
  ])('is a mistake in lvslab where it does not: %s', (error, told) => {
    const made = hostError(error, 'rs1');
    expect(made).toBeInstanceOf(InternalError);
    expect(made).toMatchObject({ host: 'rs1', cause: error });
    expect(made.message).toContain(told);
    expect(made.hint).toContain('--verbose');
  });
});
