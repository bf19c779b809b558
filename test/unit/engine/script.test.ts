import { spawnSync } from 'node:child_process';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { bodyOf, inFront, lines, quote, sh } from '../../../src/engine/model/shell/script.ts';

const nothing = sh``;
const twoLines = sh`printf '%s\n' 'a
  b'`;

describe('shell from templates', () => {
  test.each([
    ['a word is quoted', sh`rm -f ${'a b'}`, "rm -f 'a b'"],
    ['backslashes are the shell’s', sh`printf '\036%s\n' a\\-b`, "printf '\\036%s\\n' a\\\\-b"],
    ['its own ${ and backtick', sh`echo "\${x%%.*}" \`date\` \$y`, 'echo "${x%%.*}" `date` \\$y'],
    [
      'a line that is continued',
      sh`a \
  b`,
      'a \\\n  b',
    ],
    [
      'a block loses the indentation that all lines share',
      sh`
        if true; then
          echo ${'a b'}
        fi
      `,
      "if true; then\n  echo 'a b'\nfi",
    ],
    [
      'a line that begins with a value counts as well',
      sh`
        ${nothing}true; then
          echo
      `,
      'true; then\n  echo',
    ],
    [
      'values keep their lines as they are',
      sh`
        {
          ${twoLines}
        }
      `,
      "{\n  printf '%s\\n' 'a\n  b'\n}",
    ],
    [
      'a line with nothing but an empty script goes, wherever it stands',
      sh`
        ${nothing}
        a
        ${nothing}
        b ${nothing}
        ${nothing}
      `,
      'a\nb ',
    ],
    [
      'remarks for the reader go, comments of the shell stay',
      sh`
        ## why this is so
        a
          ## and ${nothing} this is none: it has a value in it
        # b
        ## the end
      `,
      'a\n  ## and  this is none: it has a value in it\n# b',
    ],
    [
      'an empty line stays',
      sh`
      a

      b
    `,
      'a\n\nb',
    ],
    [
      'a template that begins in its first line is no block',
      sh`a
      b`,
      'a\n      b',
    ],
    [
      'a block of nothing',
      sh`
    `,
      '',
    ],
  ])('%s', (_, script, text) => {
    expect(script.text).toBe(text);
  });

  test('scripts one after the other, without the empty ones', () => {
    expect(lines(sh`a`, undefined, nothing, sh`b`).text).toBe('a\nb');
  });

  test('numbers and lists are words as well', () => {
    expect(sh`kill -9 ${42} ${[]} ${['a b', 7]}`.text).toBe("kill -9 42  'a b' 7");
  });

  test.each([
    ['/usr/lib-1.2_@%+=:,x', '/usr/lib-1.2_@%+=:,x'],
    ['', "''"],
    ['a b', "'a b'"],
    ['a\nb', "'a\nb'"],
    ["it's", `'it'\\''s'`],
    ['é', "'é'"],
    ['~', "'~'"],
  ])('only what no shell reads otherwise stands without quotes: %j', (word, quoted) => {
    expect(quote(word)).toBe(quoted);
  });

  test('no word holds a NUL byte', () => {
    expect(() => quote('a\0b')).toThrow(RangeError);
    expect(() => sh`rm -f ${['a\0b']}`).toThrow(RangeError);
  });

  test('what a script needs in front of it can be had without it, and the other way round', () => {
    const front = inFront('x', { kind: 'function', wanted: new Set(), make: () => sh`x() { :; }` });
    const script = sh`
      ${front}
      x
    `;
    expect(script.text).toBe('x() { :; }\nx');
    expect(bodyOf(script).text).toBe('x');
  });

  test('whatever stands around it, a word arrives unchanged', () => {
    const word = fc.string({ unit: fc.constantFrom(...` \t\n'"\\$\`#{}ab`.split('')) });
    fc.assert(
      fc.property(word, word, (one, other) => {
        const block = sh`
          ## a remark
          ${nothing}
          printf '%s\036' ${one} \
            ${[one, other]}
          ${sh`printf '%s\036' ${other}`}
        `;
        const { stdout } = spawnSync('sh', ['-s'], { input: block.text, encoding: 'utf8' });
        expect(stdout.split('\u001e').slice(0, -1)).toEqual([one, one, other, other]);
      }),
      { numRuns: 60 },
    );
  });
});
