import { expect, test } from '@jest/globals';
import { type ProcessFacts } from '../../../src/cli/hints/program-words.ts';
import { splitShellWords } from '../../../src/transport/settings/shell-words.ts';
import { invocationOf } from '../../support/invocation.ts';
import { complaintsAbout } from '../../support/parse-command.ts';

interface Case {
  readonly typed: readonly string[];
  readonly facts?: Partial<ProcessFacts>;
  readonly says: string;
  readonly host?: string;
  readonly shown: string;
}

const installed = { script: '/usr/local/bin/lvslab', env: { PATH: '/usr/bin:/usr/local/bin' } };
const lab = ['-i', 'my lab.yml'];

const cases: readonly (readonly [string, Case])[] = [
  [
    'another command about the same lab, limited to the host',
    {
      typed: ['apply', ...lab, '-l', 'real_servers', '--yes', '-K', '--wait', '5m'],
      facts: installed,
      says: 'Use `lvslab unlock`.',
      host: 'rs1',
      shown: "Use `lvslab unlock -i 'my lab.yml' -l rs1 -K`.",
    },
  ],
  [
    'a limit that was given, where no host is named',
    {
      typed: ['plan', ...lab, '-l', 'real_servers:!rs2'],
      facts: installed,
      says: '`lvslab plan`',
      shown: "`lvslab plan -i 'my lab.yml' -l 'real_servers:!rs2'`",
    },
  ],
  [
    'what is no host of an inventory is no limit',
    {
      typed: ['verify', ...lab],
      facts: installed,
      says: '`lvslab plan`',
      host: 'this machine',
      shown: "`lvslab plan -i 'my lab.yml'`",
    },
  ],
  [
    'the command that was given, with one more option',
    {
      typed: ['apply', ...lab, '-e', 'lvs_page=it is', '--confirm-within', '2m', '--yes'],
      facts: installed,
      says: 'Wait with `lvslab … --wait 60s`; then run the command again.',
      host: 'rs1',
      shown:
        "Wait with `lvslab apply -i 'my lab.yml' -e 'lvs_page=it is' -y --confirm-within 120 --wait 60s`; then run `lvslab apply -i 'my lab.yml' -e 'lvs_page=it is' -y --confirm-within 120` again.",
    },
  ],
  [
    'an option that was given with another value, and one of which there may be many',
    {
      typed: ['apply', ...lab, '-e', 'a=b', '--wait', '20s', '--yes'],
      facts: installed,
      says: '`lvslab … --wait 60s`, `lvslab … -e lvs_port=81`',
      host: 'rs1',
      shown:
        "`lvslab apply -i 'my lab.yml' -e a=b -y --wait 60s`, `lvslab apply -i 'my lab.yml' -e a=b -y --wait 20 -e lvs_port=81`",
    },
  ],
  [
    'the same embedded lab, and nothing of what it is not about',
    {
      typed: ['lab', 'up', '-n', 'lvtwo', '--flavour', 'el7', '--json'],
      facts: installed,
      says: '`lvslab lab down`, `lvslab lab up`, `lvslab lab ssh director ip a`, `lvslab verify`, `sudo lvslab …`',
      shown:
        '`lvslab lab down -n lvtwo`, `lvslab lab up -n lvtwo --flavour el7`, `lvslab lab ssh -n lvtwo director ip a`, `lvslab verify -i /var/lib/lvslab-lab/lvtwo/inventory.yml`, `sudo lvslab lab up -n lvtwo --flavour el7 --json`',
    },
  ],
  [
    'the usual embedded lab needs no name',
    {
      typed: ['demo'],
      facts: installed,
      says: '`lvslab lab down` `lvslab unlock`',
      host: 'rs1',
      shown: '`lvslab lab down` `lvslab unlock -i /var/lib/lvslab-lab/lvslab/inventory.yml -l rs1`',
    },
  ],
  [
    'what the text gives itself is not given twice',
    {
      typed: ['plan', ...lab],
      facts: installed,
      says: '`lvslab plan -i other.yml`',
      host: 'rs1',
      shown: '`lvslab plan -l rs1 -i other.yml`',
    },
  ],
  [
    'no password is shown: it is asked for instead',
    {
      typed: [
        'plan',
        ...lab,
        ...['-e', 'lvs_port=81 ansible_password=geheim'],
        ...['-e', '{"ansible_become_password": "geheim", "lvs_vip": "10.0.0.1"}'],
        ...['-e', '{ansible_become_pass: geheim}'],
        ...['-e', '@secrets.yml', '--vault-password-file', '~/.vault'],
      ],
      facts: installed,
      says: '`lvslab …`',
      shown:
        "`lvslab plan -i 'my lab.yml' -e lvs_port=81 -e '{\"lvs_vip\":\"10.0.0.1\"}' -e @secrets.yml --ask-pass --ask-become-pass --vault-password-file '~/.vault'`",
    },
  ],
  [
    'a program in the project, from elsewhere',
    {
      typed: ['doctor'],
      facts: { script: '/proc/self/exe', cwd: '/proc' },
      says: '`lvslab doctor`',
      shown: '`self/exe doctor`',
    },
  ],
  [
    'a file that is no program is given to node',
    {
      typed: ['doctor'],
      facts: { script: '/etc/passwd', cwd: '/etc' },
      says: '`lvslab doctor`',
      shown: '`node ./passwd doctor`',
    },
  ],
  [
    'run by npm',
    {
      typed: ['verify', ...lab],
      facts: { env: { npm_lifecycle_event: 'dev', INIT_CWD: '/elsewhere' } },
      says: '`lvslab doctor`',
      shown: "`npm run dev -- doctor -i 'my lab.yml'`",
    },
  ],
  [
    'from a project of its own',
    {
      typed: ['verify', ...lab],
      facts: { script: '/home/me/node_modules/.bin/lvslab' },
      says: '`lvslab doctor`',
      shown: "`npx lvslab doctor -i 'my lab.yml'`",
    },
  ],
];

test.each(cases)('%s', async (_name, { typed, facts, says, host, shown }) => {
  const { complete } = await invocationOf(typed, facts);
  expect(complete(says, host)).toBe(shown);
  for (const [, command = ''] of shown.matchAll(/`([^`]*)`/g)) {
    const words = splitShellWords(command).filter((word) => word !== 'sudo');
    const first = words.findIndex((word) =>
      ['lab', 'demo', 'doctor', 'plan', 'apply', 'verify', 'unlock'].includes(word),
    );
    expect({ command, said: await complaintsAbout(words.slice(first)) }).toEqual({
      command,
      said: '',
    });
  }
});

test('what goes on with another command speaks of that', async () => {
  const init = await invocationOf(['init', 'new.yml', '-a', 'login.password=geheim'], installed);
  expect(init.complete('run the command again')).toBe('run `lvslab init new.yml` again');
  const { complete } = init.turnedTo('plan', 'new.yml');
  expect(complete('`lvslab unlock`; run the command again', 'rs1')).toBe(
    '`lvslab unlock -i new.yml -l rs1`; run `lvslab plan -i new.yml` again',
  );
});
