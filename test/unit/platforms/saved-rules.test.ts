import { expect, test } from '@jest/globals';

import { parseSavedRules } from '../../../src/platforms/saved-rules.ts';

test.each<[string, string, ReturnType<typeof parseSavedRules>]>([
  [
    "Debian's file, and a switch that is on",
    '/etc/ipvsadm.rules true\n-A -t 192.168.4.133:80 -s rr\n',
    { path: '/etc/ipvsadm.rules', auto: true, text: '-A -t 192.168.4.133:80 -s rr\n' },
  ],
  [
    'a switch that is off, and no file',
    '/etc/ipvsadm.rules false\n',
    { path: '/etc/ipvsadm.rules', auto: false, text: '' },
  ],
  [
    "EL's file, which has no switch, with words behind it all the same",
    '/etc/sysconfig/ipvsadm true or not\n# kept\n\n',
    { path: '/etc/sysconfig/ipvsadm', text: '# kept\n\n' },
  ],
  [
    'a line without an end',
    '/etc/sysconfig/ipvsadm ',
    { path: '/etc/sysconfig/ipvsadm', text: '' },
  ],
  ['no path', 'cat: permission denied\n', undefined],
  ['nothing', '', undefined],
])('%s', (_, printed, saved) => {
  expect(parseSavedRules(printed)).toEqual(saved);
});
