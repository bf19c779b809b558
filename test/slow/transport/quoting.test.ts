import { spawnSync } from 'node:child_process';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { quote, type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { connectTo } from '../../support/ssh/ssh-client.ts';
import { startSshd } from '../../support/ssh/sshd.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

const HOSTILE = [
  '',
  ' ',
  '-n',
  '--',
  '*',
  '~',
  '$(reboot)',
  '`reboot`',
  '${HOME}',
  '"',
  "'",
  "'\\''",
  "'; reboot; '",
  '\\',
  '\\n',
  'ends with \\',
  'two\nlines\n',
  '\r\n\t\v\f',
  '!!',
  '#',
  'a=b; c',
  '../../etc/passwd',
  '%s%n',
  'EOF\n',
  '}',
  '\u0001\u001b[31m\u007f',
  'grüße 🐧 日本語',
  '\u2028\ufeff',
  `${`'"$\\\n`.repeat(2000)}end`,
] as const;

const SHELL_CHARACTERS = ` \t\n'"\\$\`(){}[]*?!#~;&|<>=%-abé`.split('');

/** Any text that can be a shell word, rich in what a shell treats specially. */
const word = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: fc.constantFrom(...SHELL_CHARACTERS), maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\0')),
);

/** Prints its words with a character between them that no word of these tests contains. */
function printed(words: readonly string[]): Script {
  return sh`printf '%s\036' ${words}`;
}

describe('values in scripts', () => {
  test('any words arrive unchanged through sh -s', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        const wanted = words.map((one) => one.replaceAll('\u001e', ''));
        const { stdout, stderr } = spawnSync('sh', ['-s'], {
          input: printed(wanted).text,
          encoding: 'utf8',
        });
        expect(stderr).toBe('');
        expect(stdout.split('\u001e').slice(0, -1)).toEqual(wanted);
      }),
      { numRuns: 100 },
    );
  });

  asRoot('over SSH', () => {
    test('hostile words arrive unchanged through a real sshd', async () => {
      const sshd = await startSshd();
      const connection = await connectTo(sshd);
      const { stdout } = await connection.run(printed(HOSTILE));
      await connection.close();
      await sshd.stop();
      expect(stdout.split('\u001e').slice(0, -1)).toEqual(HOSTILE);
    });
  });

  test('a NUL byte is refused, for no shell word can hold it', () => {
    expect(() => quote('a\0b')).toThrow(RangeError);
  });
});
