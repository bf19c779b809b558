import { describe, expect, test } from '@jest/globals';

import { splitShellWords } from '../../../src/transport/settings/shell-words.ts';
import { parseSshArguments } from '../../../src/transport/settings/ssh-arguments.ts';

describe('shell words', () => {
  test.each<[string, readonly string[]]>([
    ['', []],
    ['  a \t b\n', ['a', 'b']],
    [`-o 'a b'"c d"e`, ['-o', 'a bc de']],
    [String.raw`a\ b "c\"d\n" 'e\f'`, ['a b', String.raw`c"d\n`, String.raw`e\f`]],
    [`'' ""`, ['', '']],
    ['$HOME `x` #y', ['$HOME', '`x`', '#y']],
  ])('%j', (text, words) => {
    expect(splitShellWords(text)).toEqual(words);
  });

  test.each([`'a`, `"a`, '\\'])('%j has no end', (text) => {
    expect(() => splitShellWords(text)).toThrow(RangeError);
  });
});

describe('arguments of ssh', () => {
  test('all ways to write an option mean the same', () => {
    const text = `-p 2222 -p2222 -Cp2222 -o Port=2222 -oPort=2222 -o 'Port 2222' -o 'Port = 2222'`;
    expect(parseSshArguments(text)).toEqual({
      options: new Array(7).fill({ name: 'Port', value: '2222' }),
      unused: [],
    });
  });

  test('values keep their blanks and signs', () => {
    const text = `-o ProxyCommand="ip netns exec 'a b' nc %h %p" -J a,b -i '~/my key' -l me -F conf`;
    expect(parseSshArguments(text)).toEqual({
      options: [
        { name: 'ProxyCommand', value: "ip netns exec 'a b' nc %h %p" },
        { name: 'ProxyJump', value: 'a,b' },
        { name: 'IdentityFile', value: '~/my key' },
        { name: 'User', value: 'me' },
      ],
      configFile: 'conf',
      unused: [],
    });
  });

  test('what has no effect is named; what only concerns the ssh program itself is not', () => {
    const text = '-C -q -6 -L 1:a:2 -o controlmaster=auto -o ControlPersist=60s -o Ciphers=x';
    expect(parseSshArguments(text).unused).toEqual(['-6', '-L', 'Ciphers']);
  });

  test.each(['host', '-o', '-o Port', '-o =1', '--long'])('%j is refused', (text) => {
    expect(() => parseSshArguments(text)).toThrow(RangeError);
  });
});
