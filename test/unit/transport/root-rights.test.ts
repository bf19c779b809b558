import { describe, expect, test } from '@jest/globals';

import { Secret } from '../../../src/engine/model/secret.ts';
import { type Become, refusedRoot } from '../../../src/transport/root/root-rights.ts';

const withPassword: Become = { kind: 'sudo-with-password', password: new Secret('x') };

describe('why there is no shell as root', () => {
  test.each<[string, Become, string]>([
    ['sh: 1: exec: sudo: not found', { kind: 'sudo' }, 'sudo is not installed'],
    ['sh: line 0: exec: sudo: not found', { kind: 'sudo' }, 'sudo is not installed'],
    [
      'sudo: a password is required',
      { kind: 'sudo' },
      'sudo asks for a password, and none is given',
    ],
    [
      'sudo: interactive authentication is required',
      { kind: 'sudo' },
      'sudo asks for a password, and none is given',
    ],
    ['sudo: sorry, you must have a tty to run sudo', { kind: 'sudo' }, 'sudo wants a terminal'],
    ['bob is not in the sudoers file.', withPassword, 'the login user may not become root by sudo'],
    [
      "I'm sorry bob. I'm afraid I can't do that",
      withPassword,
      'the login user may not become root by sudo',
    ],
    [
      'Sorry, user bob is not allowed to execute sh as root on rs1.',
      { kind: 'sudo' },
      'the login user may not become root by sudo',
    ],
    ['N-password:\nSorry, try again.\nN-password:', withPassword, 'sudo refused the password'],
    ['N-password:You fool!\nN-password:', withPassword, 'sudo refused the password'],
    [
      'sudo: effective uid is not 0, is sudo installed setuid root?',
      { kind: 'sudo' },
      "sudo can't become root on this host",
    ],
    [
      'This account is currently not available.',
      { kind: 'never' },
      'no shell as root could be started: This account is currently not available.',
    ],
    [
      '',
      { kind: 'never' },
      'no shell as root could be started: it ended at once and printed nothing',
    ],
  ])('%j', (output, become, message) => {
    const error = refusedRoot({ host: 'rs1', become, nonce: 'N', output });
    expect(error).toMatchObject({ code: 'E_AUTHENTICATION', host: 'rs1', message });
    expect(error.hint).toMatch(/\w{3}/);
  });
});
