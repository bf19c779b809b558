import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { splitShellWords } from '../../../src/transport/settings/shell-words.ts';
import { invocationOf } from '../../support/invocation.ts';
import { complaintsAbout } from '../../support/parse-command.ts';

const root = path.join(import.meta.dirname, '../../..');

/** What stands where the code puts a value in. */
const VALUE = 'VALUE';

interface Text {
  readonly file: string;
  readonly text: string;
}

/** Every string and template of the sources; nested ones for themselves, too. */
const texts: readonly Text[] = readdirSync(path.join(root, 'src'), {
  recursive: true,
  encoding: 'utf8',
})
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const source = readFileSync(path.join(root, 'src', file), 'utf8');
    const found: Text[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node)) found.push({ file, text: node.text });
      if (ts.isTemplateExpression(node)) {
        const parts = node.templateSpans.map(({ literal }) => literal.text);
        found.push({ file, text: [node.head.text, ...parts].join(VALUE) });
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest));
    return found;
  });

/** Whose texts are a page in Markdown, where names of all kinds stand in backticks. */
const isPage = (file: string): boolean => /^inventory\/(?!parse)|\/platforms-page/.test(file);

const spans = texts
  .filter(({ file }) => !isPage(file))
  .flatMap(({ file, text }) =>
    [...text.matchAll(/`([^`]+)`/g)].map(([, command = '']) => ({ file, command })),
  );

/** TypeScript that a playbook's author is to write. */
const CODE = /^(export default |hosts: |after$|(VALUE)+$)/;
/** Programs that these systems have; the shell's own words beside them. */
const PROGRAMS = [
  ...[
    'apt-get',
    'cat',
    'chage',
    'chattr',
    'chmod',
    'chown',
    'chsh',
    'date',
    'dnf',
    'echo',
    'ip',
    'kill',
  ],
  ...[
    'ls',
    'lsattr',
    'modprobe',
    'nmcli',
    'passwd',
    'sed',
    'sh',
    'skopeo',
    'ss',
    'ssh',
    'ssh-add',
    'ssh-keygen',
  ],
  ...[
    'subscription-manager',
    'sudo',
    'sysctl',
    'systemctl',
    'systemd-cgls',
    'timedatectl',
    'usermod',
    VALUE,
  ],
  ...['curl', 'grep', 'ipvsadm', 'iptables', 'nft', 'nstat', 'ping', 'tail', 'tcpdump'],
];

const isOurs = (command: string): boolean => /^(sudo )?lvslab\b/.test(command);
const ours = [...new Set(spans.map(({ command }) => command).filter(isOurs))];
const others = spans.filter(({ command }) => !isOurs(command) && !CODE.test(command));

test('there are commands of both kinds', () => {
  expect(ours.length).toBeGreaterThan(10);
  expect(others.length).toBeGreaterThan(5);
});

/** A command of each kind that a person may have typed when the text is shown. */
const typed = [
  ['apply', '-i', 'my lab.yml', '-l', 'rs1', '-p', 'own.ts', '-e', 'a=b', '--ask-pass', '--yes'],
  ['teardown', '-i', 'lab.yml', '-p', 'a.ts', '-p', 'b.ts', '--keep-packages'],
  ['verify', '-i', 'lab.yml', '--requests', '30', '--no-restart', '--json'],
  ['init', 'lab.yml', '--no-probe', '--no-plan', '-a', 'scheduler=rr'],
  ['doctor', '-i', 'lab.yml'],
  ['demo', '-n', 'lvtwo', '--flavour', 'el7', '--down'],
  ['lab', 'up', '-n', 'lvtwo'],
  ['lab', 'ssh', '-n', 'lvtwo', 'director', 'ip', '-4', 'address'],
];

test.each(ours)(
  '`%s` can be typed, completed, for every command that may say so',
  async (short) => {
    for (const args of typed) {
      const { complete } = await invocationOf(args, {
        script: '/usr/local/bin/lvslab',
        env: { PATH: '/usr/local/bin' },
      });
      const [, command = ''] = /^`(.*)`$/s.exec(complete(`\`${short}\``, 'rs1')) ?? [];
      // Of a command that has no such option, the option alone is told.
      if (short.includes('… -') && command.startsWith('-')) continue;
      const words = splitShellWords(command).filter((word) => word !== 'sudo');
      const said = await complaintsAbout(words.slice(1));
      expect({ command, said }).toEqual({ command, said: '' });
    }
  },
);

test.each(others)(
  '$file: `$command` is shell, and its program is one that there is',
  ({ command }) => {
    execFileSync('sh', ['-n', '-c', command]);
    expect(PROGRAMS).toContain(splitShellWords(command)[0]);
  },
);

test('a command of lvslab never stands without its backticks', () => {
  const naked =
    /(?<![`/\w])(?<!sudo )lvslab (plan|apply|verify|drill|teardown|unlock|lab (up|down|status)|doctor)\b/;
  const places = texts
    // Examples of help pages, and what an inventory says of itself, are read elsewhere.
    .filter(({ file }) => !/^(cli\/program|wizard\/inventory\/inventory-from)/.test(file))
    .filter(({ text }) => naked.test(text.replaceAll(/`[^`]*`/g, '')));
  expect(places).toEqual([]);
});
