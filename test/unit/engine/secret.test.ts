import { format, inspect } from 'node:util';

import { describe, expect, test } from '@jest/globals';

import { Secret } from '../../../src/engine/model/secret.ts';

const secret = new Secret('hunter2');

describe('a secret', () => {
  test('gives its value to those who ask for it by name', () => {
    expect(secret.reveal()).toBe('hunter2');
  });

  test.each<[string, string]>([
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- a slip that this guards against
    ['a template string', `${secret}`],
    ['joining texts', `a ${String(secret)} b`],
    ['joining a list', [secret].join()],
    ['JSON', JSON.stringify({ password: secret, list: [secret] })],
    ['inspect', inspect({ password: secret }, { showHidden: true, depth: 9, getters: true })],
    ['inspect without its own way', inspect(secret, { customInspect: false, showHidden: true })],
    ['console', format('%s %o %O %j', secret, secret, secret, secret)],
    [
      'its properties',
      JSON.stringify(Reflect.ownKeys(secret)) + JSON.stringify(Object.assign({}, secret)),
    ],
    ['an error that has it as its cause', inspect(new Error('no', { cause: secret }))],
    ['a copy', inspect(structuredClone({ secret }), { customInspect: false })],
  ])('hides it from %s', (_name, printed) => {
    expect(printed).not.toContain('hunter2');
  });

  test('says that something is hidden', () => {
    expect(JSON.stringify([secret])).toBe('["[redacted]"]');
    expect(inspect([secret])).toBe('[ [redacted] ]');
  });
});
