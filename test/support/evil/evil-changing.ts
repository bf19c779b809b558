import {
  AT_ONCE,
  type Behaviour,
  GIVES_UP,
  hangUp,
  LIMIT,
  NOT_BELIEVED,
  OBSERVING,
  SHOWN,
  silent,
} from './evil-behaviour.ts';
import { forgedEvents, hostileText, paintedHolder } from './evil-forgeries.ts';
import { answer, at, forge, nonceOf, pour } from './evil-manners.ts';
import { type EvilSession, type Manners, type Stage } from './evil-server.ts';

const LOCKED: readonly Stage[] = ['lock'];
const OBSERVED: readonly Stage[] = ['observe'];
const RUN: readonly Stage[] = ['run'];
const RELEASED: readonly Stage[] = ['release'];

/** Misbehaves when the state of its resources is read. */
export const whileItIsObserved: readonly Behaviour[] = [
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

/** Misbehaves when it is locked, changed, and unlocked. */
export const whileItIsChanged: readonly Behaviour[] = [
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
