/* eslint-disable @typescript-eslint/explicit-module-boundary-types -- typed where it stands in a Behaviour */
import { randomBytes } from 'node:crypto';
import {
  AT_ONCE,
  type Behaviour,
  GIVES_UP,
  LIMIT,
  NOT_BELIEVED,
  PLANNING,
  SHOWN,
  silent,
} from './evil-behaviour.ts';
import {
  endlessJob,
  hostileIdsJournal,
  hostileSpecsJournal,
  hostileText,
  hugeLineJournal,
  longJournal,
  paintedHolder,
  shapelessJournal,
  shapelessJobs,
} from './evil-forgeries.ts';
import { answer, at, forge, forgePart } from './evil-manners.ts';

/** Lies about what it is. */
export const forgedFacts: readonly Behaviour[] = [
  {
    name: 'is called by escape sequences, control characters and bytes that are no UTF-8',
    manners: at(
      ['read'],
      forge(eachFact((text) => Buffer.concat([hostileText, Buffer.from(text)]))),
    ),
    answer: SHOWN,
    against: ['plan', 'apply', 'doctor', 'init'],
    isHarmless: true,
    isQuick: true,
  },
  {
    name: 'has 100,000 NICs',
    manners: at(
      ['read'],
      forge((stdout) =>
        stdout.replaceAll(/^ \d+: (lo|ens33).*\n/gm, (line) => line.repeat(10_000)),
      ),
    ),
    answer: 'does not look through more than 4000: the host fails',
    against: ['plan', 'doctor', 'init'],
  },
  {
    name: 'has numbers that are none',
    manners: at(
      ['read'],
      forge((stdout) =>
        stdout.replaceAll(/\d+/g, (digits) => (digits.length > 8 ? '9'.repeat(400) : digits)),
      ),
    ),
    answer: SHOWN,
    against: ['plan', 'doctor'],
    isHarmless: true,
  },
  {
    name: 'tells only half of its facts',
    manners: at(
      ['read'],
      forge((stdout) => stdout.replace(/^kernel\n[^]*(?=^default-routes)/m, '')),
    ),
    answer: AT_ONCE,
    against: ['plan', 'apply', 'export', 'doctor', 'init'],
  },
];

/** Changes the values of what `factsScript` prints. */
function eachFact(change: (text: string) => Buffer): (stdout: string) => Buffer {
  return (stdout) =>
    Buffer.concat(
      stdout.split(/(?<=\n)/).map((line) => {
        const isValue = /^ (?!\d+:)[^\n]*[A-Za-z]/.test(line);
        const named = /^( (?:[A-Z_]+=)?"?)([^\n]*\n)$/.exec(line);
        if (!isValue || named === null) return Buffer.from(line);
        return Buffer.concat([Buffer.from(named[1] ?? ''), change(named[2] ?? '')]);
      }),
    );
}

/** Lies about what lvslab has left there. */
export const forgedState: readonly Behaviour[] = [
  journal('has a journal of lines that are none', shapelessJournal, 'quick'),
  journal('has a journal of resources that are none', hostileSpecsJournal),
  journal('has a journal whose resources are called by escape sequences', hostileIdsJournal),
  journal('has a journal of 20,000 lines', longJournal),
  {
    ...journal('has a journal with a line of 10 MB', hugeLineJournal),
    answer: LIMIT,
  },
  {
    ...journal('has a journal of random bytes', randomBytes(500_000)),
    answer: 'counts the damaged lines',
  },
  {
    name: 'has runs that are none',
    manners: at(['read'], forgePart(2, shapelessJobs)),
    answer: NOT_BELIEVED,
    against: PLANNING,
    isHarmless: true,
  },
  {
    name: 'has a run that never ends, and tells nothing of it',
    manners: {
      script: (session) => {
        if (session.stage === 'read') forgePart(2, endlessJob)(session);
        else if (session.stage === 'run') silent(session);
        else session.play();
      },
    },
    answer: GIVES_UP,
    against: ['apply'],
    isSlow: true,
  },
  {
    name: 'has a run that lives again whenever it has ended',
    manners: {
      script: (session) => {
        if (session.stage === 'read') forgePart(2, endlessJob)(session);
        else if (session.stage === 'run') answer('done\n')(session);
        else session.play();
      },
    },
    answer: 'follows it a few times, and then the host fails',
    against: ['apply', 'teardown'],
  },
  {
    name: 'tries changes for ever, says what is left of their time in words',
    manners: at(['read'], forgePart(3, 'NaN\n1e999\n-\n999999999999\n\u001B[2J')),
    answer: 'passes over what is no time',
    against: PLANNING,
    isHarmless: true,
  },
  {
    name: 'has a lock whose holder is called by escape sequences',
    manners: at(['read'], forgePart(2, `boot x\n${paintedHolder}\nconnected\n`)),
    answer: SHOWN,
    against: ['plan', 'apply'],
    isHarmless: true,
  },
];

function journal(name: string, text: string | Buffer, quick?: 'quick'): Behaviour {
  return {
    name,
    manners: at(['read'], forgePart(1, text)),
    answer: NOT_BELIEVED,
    against: PLANNING,
    isHarmless: true,
    // The journal that it has is not the one that it told of: no lock is given for that.
    stopsAll: true,
    ...(quick !== undefined && { isQuick: true }),
  };
}
