import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

import { checkHost } from '../../../src/cli/doctor/check-host.ts';
import { type Finding } from '../../../src/cli/doctor/finding.ts';
import { type Connection, type RunResult } from '../../../src/engine/model/connection.ts';
import { BUILD_MIB } from '../../../src/resources/nginx/nginx-build-script.ts';
import { sampleLab } from '../../support/samples/sample-lab.ts';

const recorded = readFileSync('test/cases/facts/el7.txt', 'utf8');

/** What doctor says of the host, where its facts are those of a CentOS 7 host, changed so. */
async function findings(
  change: (facts: string) => string,
  { takesOver }: { readonly takesOver?: true } = {},
): Promise<readonly Finding[]> {
  const stdout = change(recorded);
  const run = async (): Promise<RunResult> => Promise.resolve({ exitCode: 0, stdout, stderr: '' });
  const pace = { sessionMs: 1, commandMs: 1 } as unknown as Connection['pace'];
  const connection: Connection = {
    ...{ host: 'rs2', sessions: 0, pace, run },
    upload: async () => Promise.reject(new Error('not needed')),
    again: async () => Promise.reject(new Error('not needed')),
    close: async () => Promise.resolve(),
  };
  const realServers = sampleLab.realServers.map((server) => ({
    ...server,
    ...(takesOver && { takesOver }),
  }));
  return await checkHost({
    name: 'rs2',
    lab: { ...sampleLab, realServers },
    connect: async () => Promise.resolve(connection),
    epochSeconds: () => 1_700_000_000,
    signal: new AbortController().signal,
  });
}

const listening =
  (lines: readonly string[]) =>
  (facts: string): string =>
    facts.replace('\nclock\n', `\nlisteners\n${lines.map((line) => ` ${line}\n`).join('')}clock\n`);

test.each<[string, readonly string[], true | undefined, object]>([
  ['nobody', [], undefined, { judgement: 'ok' }],
  [
    'nginx, started by hand',
    [
      'LISTEN 0 511 *:80 *:* users:(("nginx",pid=6079,fd=6))',
      'pid 6079 /user.slice/session-1.scope',
    ],
    undefined,
    {
      judgement: 'failed',
      text: expect.stringMatching(
        /^held by nginx, process 6079, started by hand\. .*nginx_takeover: yes.*`kill -TERM 6079`/,
      ),
    },
  ],
  [
    'nginx, started by hand, to be stopped',
    ['LISTEN 0 511 *:80 *:* users:(("nginx",pid=6079,fd=6))'],
    true,
    { judgement: 'ok', text: expect.stringContaining('`lvslab apply` stops') },
  ],
  [
    'another server, to be stopped',
    ['LISTEN 0 511 *:80 *:* users:(("httpd",pid=7,fd=6))', 'pid 7 /system.slice/httpd.service'],
    true,
    {
      judgement: 'failed',
      text: expect.stringContaining('`systemctl disable --now httpd.service`'),
    },
  ],
])('doctor says who holds the port: %s', async (_who, lines, takesOver, expected) => {
  const found = await findings(listening(lines), takesOver === undefined ? {} : { takesOver });
  expect(found.find(({ subject }) => subject === 'rs2: port 80')).toMatchObject(expected);
});

test.each([
  [BUILD_MIB * 1024, 'ok'],
  [BUILD_MIB * 1024 - 1, 'failed'],
])(
  'doctor asks for what the build needs, where it builds: %i KiB are %s',
  async (kib, judgement) => {
    const found = await findings((facts) =>
      facts.replace(/ \/usr\/local \d+/, ` /usr/local ${kib}`),
    );
    expect(found.find(({ subject }) => subject === 'rs2: disk')).toMatchObject({
      judgement,
      text: expect.stringContaining(`/usr/local; the build needs ${BUILD_MIB}`),
    });
  },
);
