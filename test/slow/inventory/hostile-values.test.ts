import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';

import { connectionVariables } from '../../../src/inventory/variables/connection-variables.ts';
import { labVariables } from '../../../src/inventory/variables/lab-variables.ts';
import { labFrom } from '../../../src/lab/lab-from.ts';
import { loadText, problemsIn, problemsOf } from '../../support/inventory/load-inventory-text.ts';

const hostileText = fc.oneof(
  fc.constantFrom(
    '$(reboot)',
    '`reboot`',
    "'; reboot; '",
    'a\nb',
    '../../etc/passwd',
    '-oProxyCommand=reboot',
    'x'.repeat(10_000),
    'nul\0byte',
    '\u001b[2J',
    '\u202Egpj',
    '\uD800',
    '__proto__',
    '',
  ),
  fc.string({ unit: 'binary' }),
);
const hostile = fc.oneof(hostileText, fc.jsonValue());

const names = [
  ...Object.keys(labVariables),
  ...Object.keys(connectionVariables),
  '__proto__',
  'toString',
  'mine',
];

/** What a value holds, however deep, as text. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.values(value).flatMap((one) => textsIn(one));
}

/** Every problem has a place; nothing in the texts can move a cursor or fill a screen. */
async function expectProblemsOnly(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const problems = problemsIn(error);
    expect(problems).not.toHaveLength(0);
    for (const { file, line, column, message } of problems) {
      expect(file).not.toBe('');
      expect(line).toBeGreaterThanOrEqual(1);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(message).not.toMatch(/[\p{Cc}\p{Cs}\u202E]/u);
      expect(message.length).toBeLessThan(400);
    }
  }
}

describe('hostile inventories', () => {
  test('any value of any variable is taken or is a problem with a place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...names), hostile), { maxLength: 5 }),
        async (vars) => {
          const host = Object.fromEntries(vars);
          const hosts = stringify({
            director: { hosts: { d: host } },
            real_servers: { hosts: { r: host } },
          });
          await expectProblemsOnly(async () => labFrom(await loadText({ hosts })));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('what the lab accepts holds no character that a shell, a config file or a terminal would obey', () => {
    const nearlyRight = fc.tuple(
      fc.constantFrom(
        '',
        '/usr/local/nginx',
        'ens33',
        '1.16.1',
        'http://a.b/c',
        'I am',
        'nginx',
        '10.0.0.1',
      ),
      fc.oneof(hostileText, fc.string({ unit: 'binary', maxLength: 2 })),
      fc.constantFrom('', '/usr/local/nginx', 'x'),
    );
    const schema = fc.constantFrom(
      ...Object.values(labVariables).map((variable) => variable.schema),
    );
    fc.assert(
      fc.property(schema, nearlyRight, (variable, parts) => {
        const { data, success } = variable.safeParse(parts.join(''));
        fc.pre(success);
        const text = textsIn(data).join(',');
        expect(text).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
        expect(text.length).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 300 },
    );
  });

  test('any text as a file', async () => {
    const yamlLike = fc.stringMatching(/^([a-z{}[\]:,&*!|>'"?\n #-]{0,12}(\n {0,4}|: )){0,8}$/);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), yamlLike), async (hosts) => {
        await expectProblemsOnly(() => loadText({ hosts }));
      }),
      { numRuns: 60 },
    );
  });

  test('any bytes as a file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (hosts) => {
        await expectProblemsOnly(() => loadText({ hosts }));
      }),
      { numRuns: 60 },
    );
  });

  test('any names of hosts and groups, any --extra-vars', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (name, extra) => {
        const hosts = stringify({ [name]: { hosts: { [name]: null } } });
        await expectProblemsOnly(() => loadText({ hosts, extraVars: [extra, `lvs_vip=${extra}`] }));
      }),
      { numRuns: 60 },
    );
  });

  const bomb = `all: {hosts: {web: }}\na: &a [x,x,x,x,x,x,x,x,x]\n${[
    'b',
    'c',
    'd',
    'e',
    'f',
    'g',
    'h',
  ]
    .map((name, i) => `${name}: &${name} [${`*${String.fromCharCode(97 + i)},`.repeat(9)}]`)
    .join('\n')}\n`;

  test.each([
    ['aliases of aliases', bomb, /too many aliases/],
    ['deep nesting', `all: ${'['.repeat(50_000)}`, /nested too deeply/],
    ['many aliases', `a: &a 1\nb: [${'*a,'.repeat(2000)}]\n`, /more than 100 aliases/],
    [
      'a latin-1 file',
      Buffer.from('all:\n  hosts: {caf\xe9: }\n', 'latin1'),
      /not UTF-8 text from here on/,
    ],
    ['a NUL byte', 'all: {hosts: {web: "a\0b"}}', /control character 0x00/],
    ['2 MB', '#'.repeat(2_000_000), /2000000 bytes/],
  ])('%s end in one problem, quickly', async (_, hosts, message) => {
    const started = performance.now();
    const problems = await problemsOf({ hosts });
    expect(problems[0]?.message).toMatch(message);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('the place of a byte that is no UTF-8', async () => {
    const [problem] = await problemsOf({
      hosts: Buffer.from('all:\n  hosts: {caf\xe9: }\n', 'latin1'),
    });
    expect(problem).toMatchObject({ line: 2, column: 14 });
  });

  test('a great file takes no minutes', async () => {
    const vars = Array.from({ length: 30_000 }, (_, i) => `    own_variable_${i}: 1`).join('\n');
    const started = performance.now();
    expect(await problemsOf({ hosts: `all:\n  hosts: {web: }\n  vars:\n${vars}\n` })).toEqual([]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
