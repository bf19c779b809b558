import { expect, test } from '@jest/globals';

import { nginxArguments } from '../../../src/resources/nginx/nginx-arguments.ts';

const END = '\u001f';

test.each<[string, readonly string[]]>([
  [`nginx: master process /usr/local/nginx/sbin/nginx${END}`, []],
  [`nginx: master process ./nginx${END.repeat(40)}`, []],
  ['nginx: master process nginx -c /etc/my.conf', ['-c', '/etc/my.conf']],
  [
    'nginx: master process nginx -c /etc/a b.conf -p /srv/x y/',
    ['-c', '/etc/a b.conf', '-p', '/srv/x y/'],
  ],
  [
    'nginx: master process nginx -g daemon off; worker_processes 2; -q',
    ['-g', 'daemon off; worker_processes 2;', '-q'],
  ],
  ['nginx: master process nginx -c/etc/my.conf', ['-c', '/etc/my.conf']],
  ['nginx: master process nginx -e stderr -p.', ['-e', 'stderr', '-p', '.']],
  [
    `/opt/nginx/sbin/nginx${END}-g${END}daemon off; master_process off;${END}`,
    ['-g', 'daemon off; master_process off;'],
  ],
  [`nginx${END}`, []],
  ['', []],
])('%j', (title, expected) => {
  expect(nginxArguments(title)).toEqual(expected);
});
