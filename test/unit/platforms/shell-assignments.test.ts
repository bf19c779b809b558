import { expect, test } from '@jest/globals';

import { parseAssignment } from '../../../src/platforms/shell-assignments.ts';

test.each([
  ['A=b', ['A', 'b']],
  ['  A="b c" # why', ['A', 'b c']],
  ['A=\'b "c"\'', ['A', 'b "c"']],
  ['A="\\"\\$\\\\"', ['A', '"$\\']],
  ['A=', ['A', '']],
  ['A="0"', ['A', '0']],
])('%s is an assignment', (line, wanted) => {
  expect(parseAssignment(line)).toEqual(wanted);
});

test.each([
  'GATEWAY="192.168.2.130"     //a comment as in the tutorial',
  'A=$(reboot)',
  'A=`reboot`',
  'A=b c',
  'export A=b',
  '# A=b',
  '1A=b',
])('%s is none', (line) => {
  expect(parseAssignment(line)).toBeUndefined();
});
