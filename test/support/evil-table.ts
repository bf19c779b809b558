import { randomBytes } from 'node:crypto';
import { type EvilSession, type Manners, type Stage } from './evil-server.ts';
import {
  endlessRun,
  forgedEvents,
  hostileIdsJournal,
  hostileSpecsJournal,
  hostileText,
  hugeLineJournal,
  longJournal,
  paintedHolder,
  shapelessJournal,
  shapelessRuns,
} from './evil-forgeries.ts';
import {
  answer,
  at,
  drip,
  FIRST,
  forge,
  forgePart,
  nonceOf,
  pour,
  pourBanners,
} from './evil-manners.ts';

/** The commands that connect to hosts which somebody else may own. */
export const commands = [
  ...(['plan', 'apply', 'verify', 'drill', 'teardown', 'reprovision', 'unlock'] as const),
  ...(['export', 'doctor', 'init'] as const),
] as const;

export type Command = (typeof commands)[number];

/** One way of being evil, and what comes of it. */
export interface Behaviour {
  /** What the host does. */
  readonly name: string;
  readonly manners: Manners;
  /** For docs/faults.md: what lvslab does. */
  readonly answer: string;
  /** Those that get as far as to meet it. */
  readonly against: readonly Command[];
  /** lvslab has to wait for its own limit of time. */
  readonly isSlow?: true;
  /** Nothing need fail: what the host says is odd, but no harm, or it is believed as it would be from anybody. */
  readonly isHarmless?: true;
  /** Locks are taken on all hosts or on none, so the other host isn't changed either. */
  readonly stopsAll?: true;
  /** The key of the host is not the known one. */
  readonly key?: 'changed' | 'changed, and not to be checked';
  /** A part of the quick selection. */
  readonly isQuick?: true;
}

const CHANGING: readonly Command[] = ['apply', 'teardown', 'reprovision'];
const PLANNING: readonly Command[] = ['plan', 'export', ...CHANGING];
const OBSERVING: readonly Command[] = ['plan', 'apply', 'teardown'];

const GIVES_UP = 'gives the host up when its time is over, and says what it waited for';
const AT_ONCE = 'the host fails at once';
const LIMIT = 'stops reading at a limit, ends the session, and the host fails';
const NOT_BELIEVED = 'what has another shape than expected counts as damaged, or the host fails';
const SHOWN = 'shows it with its control characters made harmless';

const silent = ({ channel }: EvilSession): void => {
  channel.write('');
};
const hangUp = ({ client }: Pick<EvilSession, 'client'>): void => {
  client.end();
};
const LOCKED: readonly Stage[] = ['lock'];
const OBSERVED: readonly Stage[] = ['observe'];
const RUN: readonly Stage[] = ['run'];
const RELEASED: readonly Stage[] = ['release'];

const inTheHandshake: readonly Behaviour[] = [
  {
    name: 'accepts the connection and says nothing',
    manners: { socket: () => undefined },
    answer: GIVES_UP,
    against: commands,
    isSlow: true,
  },
  {
    name: 'says half a banner',
    manners: { socket: (socket) => socket.write('SSH-2.0-Open') },
    answer: GIVES_UP,
    against: ['plan', 'verify'],
    isSlow: true,
  },
  {
    name: 'says lines without end before the banner',
    manners: {
      socket: (socket) => {
        pour(socket, 'Welcome!\r\n'.repeat(1000));
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'unlock', 'doctor'],
    isQuick: true,
  },
  {
    name: 'says one line without end instead of a banner',
    manners: {
      socket: (socket) => {
        pour(socket, 'x'.repeat(10_000));
      },
    },
    answer: LIMIT,
    against: ['plan', 'drill'],
  },
  {
    name: 'speaks no SSH after its banner, but random bytes',
    manners: {
      socket: (socket) => {
        socket.write(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), randomBytes(100_000)]));
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'init'],
  },
  {
    name: 'closes the connection at once',
    manners: { socket: (socket) => socket.destroy() },
    answer: AT_ONCE,
    against: commands,
    isQuick: true,
  },
  {
    name: 'never answers the login',
    manners: { login: () => undefined },
    answer: GIVES_UP,
    against: ['plan', 'verify', 'doctor'],
    isSlow: true,
  },
  {
    name: 'answers the login with banners without end',
    manners: { login: pourBanners },
    answer: GIVES_UP,
    against: ['plan'],
    isSlow: true,
  },
  {
    name: 'closes the connection in the login',
    manners: { login: (client) => client.end() },
    answer: AT_ONCE,
    against: ['plan', 'reprovision'],
  },
  {
    name: 'shows another key than the known one',
    manners: {},
    key: 'changed',
    answer: 'stops before the login, with both fingerprints',
    against: ['plan', 'unlock', 'drill'],
    isQuick: true,
  },
  {
    name: 'shows another key, and StrictHostKeyChecking=no lets it pass',
    manners: {},
    key: 'changed, and not to be checked',
    answer: 'goes on without any password: neither for the login nor for sudo',
    against: ['plan', 'apply', 'doctor'],
    isHarmless: true,
  },
];

const inTheSession: readonly Behaviour[] = [
  {
    name: 'never answers the wish for a session',
    manners: { session: () => undefined },
    answer: GIVES_UP,
    against: ['plan', 'unlock', 'verify', 'doctor'],
    isSlow: true,
  },
  {
    name: 'refuses sessions',
    manners: {
      session: (reject) => {
        reject();
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'verify', 'unlock'],
  },
  {
    name: 'closes the connection when a session is wanted',
    manners: { session: (_reject, client) => client.end() },
    answer: AT_ONCE,
    against: ['plan', 'apply', 'drill'],
  },
  {
    name: 'never answers the wish to run a program',
    manners: { exec: () => undefined },
    answer: GIVES_UP,
    against: ['plan', 'unlock', 'init'],
    isSlow: true,
  },
  {
    name: 'refuses to run programs',
    manners: {
      exec: (_start, refuse) => {
        refuse();
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'verify', 'doctor'],
  },
  {
    name: 'starts no shell, and says nothing',
    manners: { exec: (start) => start() },
    answer: GIVES_UP,
    against: ['plan', 'teardown', 'verify'],
    isSlow: true,
  },
  {
    name: 'greets without end before the shell begins',
    manners: {
      exec: (start) => {
        pour(start(), 'Message of the day\n'.repeat(1000));
      },
    },
    answer: LIMIT,
    against: ['plan', 'verify', 'unlock', 'doctor'],
  },
  {
    name: 'complains without end before the shell begins',
    manners: {
      exec: (start) => {
        pour(start().stderr, 'sudo: what?\n'.repeat(1000));
      },
    },
    answer: LIMIT,
    against: ['plan', 'apply'],
  },
  {
    name: 'ends the shell without a status',
    manners: { exec: (start) => start().close() },
    answer: AT_ONCE,
    against: ['plan', 'verify', 'unlock'],
    isQuick: true,
  },
  {
    name: 'ends the shell with status 0 before it begins',
    manners: {
      exec: (start) => {
        const channel = start();
        channel.exit(0);
        channel.end();
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'drill'],
  },
  {
    name: 'closes the connection when the shell is to begin',
    manners: { exec: (_start, _refuse, client) => client.end() },
    answer: AT_ONCE,
    against: ['plan', 'verify'],
  },
];

const whileItIsRead: readonly Behaviour[] = [
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
const forgedFences: readonly Behaviour[] = [
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

const forgedFacts: readonly Behaviour[] = [
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
    answer: 'reads them in a moment; more than a limit, and the host fails',
    against: ['plan', 'doctor', 'init'],
    isHarmless: true,
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

const forgedState: readonly Behaviour[] = [
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
    manners: at(['read'], forgePart(2, shapelessRuns)),
    answer: NOT_BELIEVED,
    against: PLANNING,
    isHarmless: true,
  },
  {
    name: 'has a run that never ends, and tells nothing of it',
    manners: {
      script: (session) => {
        if (session.stage === 'read') forgePart(2, endlessRun)(session);
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
        if (session.stage === 'read') forgePart(2, endlessRun)(session);
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
    manners: at(['read'], forgePart(2, `boot x\n${paintedHolder}\nattended\n`)),
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

const whileItIsObserved: readonly Behaviour[] = [
  observed('says nothing when its state is read', silent, { answer: GIVES_UP, isSlow: true }),
  observed(
    'prints without end when its state is read',
    ({ channel }) => {
      pour(channel);
    },
    { answer: LIMIT },
  ),
  observed('closes the connection when its state is read', hangUp, { answer: AT_ONCE }),
  observed(
    'has a state of escape sequences, control characters and bytes that are no UTF-8',
    ({ script, ...session }) => {
      const nonce = nonceOf(script);
      forge((stdout) =>
        Buffer.concat(
          stdout
            .split(/(?<=\n)/)
            .map((line) =>
              line.startsWith(nonce)
                ? Buffer.from(line)
                : Buffer.concat([hostileText, Buffer.from(line)]),
            ),
        ),
      )({ script, ...session });
    },
    { answer: NOT_BELIEVED, isHarmless: true },
  ),
  observed(
    'has a state of 1,000,000 lines',
    ({ script, ...session }) => {
      const nonce = nonceOf(script);
      forge((stdout) =>
        stdout.replace(`${nonce} begin 0\n`, (line) => line + 'x y z\n'.repeat(1_000_000)),
      )({ script, ...session });
    },
    { answer: NOT_BELIEVED, isHarmless: true },
  ),
];

function observed(
  name: string,
  act: (session: EvilSession) => void,
  more: Pick<Behaviour, 'answer' | 'isSlow' | 'isHarmless'>,
): Behaviour {
  return { name, manners: at(OBSERVED, act), against: OBSERVING, ...more };
}

const whileItIsChanged: readonly Behaviour[] = [
  changed('says nothing when it is to be locked', at(LOCKED, silent), {
    answer: GIVES_UP,
    isSlow: true,
  }),
  changed(
    'prints without end when it is to be locked',
    at(LOCKED, ({ channel }) => {
      pour(channel);
    }),
    { answer: LIMIT },
  ),
  changed('closes the connection when it is to be locked', at(LOCKED, hangUp), { answer: AT_ONCE }),
  changed('says rubbish when it is to be locked', at(LOCKED, answer('taken away\n')), {
    answer: AT_ONCE,
  }),
  changed(
    'says that it is locked by somebody with a painted name',
    at(LOCKED, answer(`${paintedHolder}\nheld\n`)),
    { answer: SHOWN, stopsAll: true },
  ),
  changed(
    'took the lock over from somebody with a painted name',
    at(LOCKED, answer(`${paintedHolder}\ntaken\n`)),
    { answer: `${SHOWN}; what it then says of the run is not believed` },
  ),
  changed('says that its state is another one, again and again', at(LOCKED, answer('stale\n')), {
    answer: 'plans three times at most, and then ends without any change',
    stopsAll: true,
  }),
  changed('says nothing while its steps are followed', at(RUN, silent), {
    answer: GIVES_UP,
    isSlow: true,
  }),
  changed(
    'prints without end while its steps are followed',
    at(RUN, ({ channel }) => {
      pour(channel);
    }),
    { answer: LIMIT },
  ),
  changed(
    'makes progress without end',
    at(RUN, ({ channel }) => {
      channel.write('begin 0\n');
      pour(channel, 'progress 0 1 2\n'.repeat(2000));
    }),
    { answer: GIVES_UP, isSlow: true },
  ),
  changed('tells events that no run has ever told', at(RUN, answer(`${forgedEvents}\n`)), {
    answer: NOT_BELIEVED,
    isQuick: true,
  }),
  changed(
    'says that all is done and has done nothing',
    at(RUN, answer('begin 0\nend 0 0 \nbegin 1\nend 1 0 \ndone\n')),
    { answer: 'the proof reads the state again and finds it as it was' },
  ),
  changed(
    'lets a step fail with a painted output',
    at(RUN, answer(`begin 0\nend 0 1 ${hostileText.toString('base64')}\ndone\n`)),
    { answer: SHOWN },
  ),
  changed('closes the connection again and again while its steps are followed', at(RUN, hangUp), {
    answer: 'connects again ten times at most, and then the host fails',
    isSlow: true,
  }),
  changed(
    'shows another key when it is connected to again',
    { ...at(RUN, hangUp), changesKey: true },
    { answer: 'stops with both fingerprints; nothing is sent' },
  ),
  changed('says nothing when the lock is given back', at(RELEASED, silent), {
    answer: GIVES_UP,
    isSlow: true,
  }),
  changed('says when the lock is given back that it was lost', at(RELEASED, answer('lost\n')), {
    answer: 'the host fails with that',
  }),
  changed(
    'says when the lock is given back that a run goes on',
    at(RELEASED, answer('running\n')),
    { answer: 'the host fails with that' },
  ),
  {
    name: 'has a lock whose holder is painted, and keeps it',
    manners: at(['inspect lock'], answer(`${paintedHolder}\nalive\n`)),
    answer: SHOWN,
    against: ['unlock'],
    isHarmless: true,
  },
  {
    name: 'says rubbish of its lock',
    manners: at(['inspect lock'], answer('\u001B[2J what lock?\n')),
    answer: AT_ONCE,
    against: ['unlock'],
  },
];

function changed(
  name: string,
  manners: Manners,
  more: Pick<Behaviour, 'answer' | 'isSlow' | 'isQuick' | 'stopsAll'>,
): Behaviour {
  return { name, manners, against: ['apply', 'teardown'], ...more };
}

/** Every way of being evil that is tried. */
export const behaviours: readonly Behaviour[] = [
  ...inTheHandshake,
  ...inTheSession,
  ...whileItIsRead,
  ...forgedFences,
  ...forgedFacts,
  ...forgedState,
  ...whileItIsObserved,
  ...whileItIsChanged,
];
