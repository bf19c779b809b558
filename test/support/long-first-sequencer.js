import TestSequencer from '@jest/test-sequencer';

/** Files that take minutes though they are short, the longest first: jest takes a file's size for its time. */
const LONG = [
  'lab/full-cycle-el7',
  'lab/full-cycle-debian',
  'lab/diagnose/all',
  'lab/teardown',
  'lab/network-safety-el7',
  'lab/network-safety-debian',
  'lab/faults/fast',
];

/** Begins with the files that take longest, so that no worker is idle while another one still has minutes to go. */
export default class LongFirstSequencer extends TestSequencer {
  sort(tests) {
    return super.sort(tests).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ path }) {
  const rank = LONG.findIndex((name) => path.includes(name));
  return rank === -1 ? LONG.length : rank;
}
