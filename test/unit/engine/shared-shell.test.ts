import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { combine, sections } from '../../../src/engine/host/observe.ts';
import { inFront, lines, type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { onceForAll, shellFunction } from '../../../src/engine/model/shell/shared-shell.ts';

const SHELLS = ['dash', 'bash', 'busybox sh'];

/** What each part of them printed, and how it ended, put together. */
function runTogether(shell: string, scripts: readonly Script[]): readonly unknown[] {
  const [program = '', ...words] = shell.split(' ');
  const { stdout } = spawnSync(program, words, {
    input: combine(scripts, 'n0nce').text,
    encoding: 'utf8',
  });
  return [...sections(stdout, 'n0nce').values()];
}

const greet = shellFunction('greet', sh`greet() { echo "hello $1"; }`);

/** Prints its word, and how many were asked for together. */
function asked(word: string): Script {
  return lines(
    inFront('words', {
      kind: 'reading',
      wanted: new Set([word]),
      make: (words) => lines(greet, sh`count=${words.length}; greeting=$(greet ${words}; cat)`),
    }),
    sh`echo ${word} "$count" "$greeting"`,
  );
}

describe.each(SHELLS)('shell with something in front of it, in %s', (shell) => {
  test('stands there once for all, and has it alone as well', () => {
    const [one, other] = [asked('one'), asked('other')];
    const both = combine([one, other, one], 'n0nce').text;
    expect(both.split('greet() {')).toHaveLength(2);
    expect(runTogether(shell, [one, other])).toEqual([
      { exitCode: 0, output: 'one 2 hello one\n' },
      { exitCode: 0, output: 'other 2 hello one\n' },
    ]);
    expect(spawnSync('sh', { input: other.text, encoding: 'utf8' }).stdout).toBe(
      'other 1 hello other\n',
    );
  });

  test('a reading comes behind the readings that it wants something of, whoever was asked for first', () => {
    const counted = lines(
      inFront('a count', {
        kind: 'reading',
        wanted: new Set(),
        make: () => lines(asked('one'), sh`counted=$count`),
      }),
      sh`echo "$counted"`,
    );
    expect(runTogether(shell, [counted, asked('other')])).toEqual([
      { exitCode: 0, output: '2\n' },
      { exitCode: 0, output: 'other 2 hello other\n' },
    ]);
  });

  test('a reading takes nothing of what follows for its input', () => {
    const eager = onceForAll('eager', sh`cat; echo read`);
    expect(runTogether(shell, [eager, sh`echo next`])).toEqual([
      { exitCode: 0, output: 'read\n' },
      { exitCode: 0, output: 'next\n' },
    ]);
  });

  test('what is read once is read once, byte for byte', () => {
    const odd = onceForAll('odd', sh`printf '%s\n' ${"it's  \\n *"} '' ${'$x'}; date +%N`);
    const [first, second] = runTogether(shell, [odd, odd]);
    expect(first).toEqual(second);
    expect(first).toMatchObject({
      output: expect.stringMatching(/^it's {2}\\n \*\n\n\$x\n\d+\n$/),
    });
  });

  test('what fails for all fails for each by itself, and no other part with it', () => {
    const failing = onceForAll('failing', sh`echo half; exit 4`);
    expect(runTogether(shell, [failing, sh`echo whole`, failing])).toMatchObject([
      { exitCode: 4 },
      { exitCode: 0, output: 'whole\n' },
      { exitCode: 4 },
    ]);
  });
});
