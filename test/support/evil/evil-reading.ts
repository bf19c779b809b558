import {
  AT_ONCE,
  type Behaviour,
  commands,
  GIVES_UP,
  hangUp,
  LIMIT,
  OBSERVING,
  silent,
} from './evil-behaviour.ts';
import { answer, at, drip, FIRST, forge, nonceOf, pour } from './evil-manners.ts';

/** Misbehaves when it is asked for the first time. */
export const whileItIsRead: readonly Behaviour[] = [
  {
    name: 'begins the shell, and says nothing more',
    manners: at(FIRST, silent),
    answer: GIVES_UP,
    against: commands,
    isSlow: true,
  },
  {
    name: 'says half a line, and nothing more',
    manners: at(FIRST, ({ channel }) => channel.write('half a li')),
    answer: GIVES_UP,
    against: ['plan', 'verify', 'unlock'],
    isSlow: true,
  },
  {
    name: 'says one byte a second, for ever',
    manners: at(FIRST, ({ channel }) => {
      drip(channel);
    }),
    answer: GIVES_UP,
    against: ['plan', 'doctor', 'drill'],
    isSlow: true,
  },
  {
    name: 'prints without end',
    manners: at(FIRST, ({ channel }) => {
      pour(channel);
    }),
    answer: LIMIT,
    against: commands,
    isQuick: true,
  },
  {
    name: 'prints lines without end',
    manners: at(FIRST, ({ channel }) => {
      pour(channel, 'a line\n'.repeat(5000));
    }),
    answer: LIMIT,
    against: ['plan', 'verify', 'unlock'],
  },
  {
    name: 'complains without end',
    manners: at(FIRST, ({ channel }) => {
      pour(channel.stderr, 'no!\n'.repeat(5000));
    }),
    answer: LIMIT,
    against: ['plan', 'verify', 'unlock', 'doctor'],
  },
  {
    name: 'prints 100,000 short lines instead of what it was asked',
    manners: at(FIRST, answer('x\n'.repeat(100_000))),
    answer: AT_ONCE,
    against: ['plan', 'apply', 'teardown', 'export', 'doctor', 'init'],
  },
  {
    name: 'prints 100,000 beginnings of what it was asked',
    manners: at(FIRST, ({ channel, script, ...session }) => {
      const text = `${nonceOf(script)} begin 0\n`.repeat(100_000);
      answer(text)({ channel, script, ...session });
    }),
    answer: AT_ONCE,
    against: ['plan', 'apply', 'teardown'],
  },
  {
    name: 'closes the connection instead of an answer',
    manners: at(FIRST, hangUp),
    answer: AT_ONCE,
    against: commands,
  },
  {
    name: 'ends the script without a status',
    manners: at(FIRST, ({ channel }) => {
      channel.close();
    }),
    answer: AT_ONCE,
    against: ['plan', 'verify', 'unlock', 'doctor', 'export', 'init'],
  },
  {
    name: 'ends the script with status 0 and prints nothing',
    manners: at(FIRST, answer('')),
    answer: AT_ONCE,
    against: ['plan', 'unlock', 'doctor', 'apply'],
  },
  {
    name: 'prints what it was asked, and then goes on for ever',
    manners: at(FIRST, ({ play, channel }) => {
      play((stdout) => {
        setTimeout(() => {
          pour(channel);
        }, 50);
        return stdout;
      });
    }),
    answer: LIMIT,
    against: ['plan', 'doctor'],
    isHarmless: true,
  },
];

/** It has been told the word that fences the parts of a script, so it can forge the fences. */
export const forgedFences: readonly Behaviour[] = [
  fences('prints the parts in another order', (parts) => parts.toReversed(), true),
  fences('prints every part twice', (parts) => [...parts, ...parts], true),
  fences('leaves the first part out', (parts) => parts.slice(1)),
  fences('leaves the last part out', (parts) => parts.slice(0, -1)),
  fences('puts one part into another', ([first = '', second = '', ...others]) => [
    first.replace('\n', `\n${second}\n`),
    ...others,
  ]),
  fences('lets parts end with impossible statuses', (parts) =>
    parts.map((part, i) => part.replace(/\d+$/, i % 2 === 0 ? '99999999999' : '-1')),
  ),
  fences(
    'prints parts that nobody asked for',
    (parts) => [
      ...parts,
      ...parts
        .slice(0, 1)
        .map((part) => part.replaceAll(/ (begin|end) 0/g, ' $1 99999999999999999999')),
    ],
    true,
  ),
];

/** `change` gets the parts from their first line to their last, without the newline at the end. */
function fences(
  name: string,
  change: (parts: readonly string[]) => readonly string[],
  isHarmless = false,
): Behaviour {
  return {
    name,
    manners: at(['read', 'observe'], ({ script, ...session }) => {
      const nonce = nonceOf(script);
      forge((stdout) => {
        const parts = [
          ...stdout.matchAll(
            new RegExp(`^${nonce} begin (\\d+)\n[^]*?\n${nonce} end \\1 \\d+$`, 'gm'),
          ),
        ];
        return nonce === '' ? stdout : `${change(parts.map(([part]) => part)).join('\n')}\n`;
      })({ script, ...session });
    }),
    answer: isHarmless ? 'reads what it can use, once' : AT_ONCE,
    against: OBSERVING,
    ...(isHarmless && { isHarmless }),
  };
}
