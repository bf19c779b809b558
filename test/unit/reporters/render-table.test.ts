import { describe, expect, test } from '@jest/globals';
import { renderTable, type Table } from '../../../src/reporters/render/render-table.ts';
import { expectGolden } from '../../support/golden.ts';

const look = { width: 80, color: false, verbose: false };

const sources: Table = {
  title: '300 requests from client to 192.168.4.133:80 wrr',
  columns: ['real server', 'RIP', 'weight', 'expected', 'answers', 'IPVS', 'log', 'verdict'],
  rows: [
    ['rs1', '192.168.2.128:80', 1, 100, 100, 100, 100, { judgement: 'ok' }],
    ['rs2', '192.168.2.129:80', 2, 200, 0, '?', 0, { judgement: 'failed' }],
    ['rs3', '192.168.2.131:80', 0, 0, 0, 0, 0, { judgement: 'skipped', text: 'takes none' }],
  ],
  verdict: { judgement: 'failed', text: 'one of three real servers got nothing' },
};

const checks: Table = {
  columns: ['check', 'expected', 'actual', 'verdict'],
  rows: [
    [
      'the way back',
      'the default route of every real server leads through the DIP 192.168.2.130',
      'rs2: default via 192.168.2.1 dev ens33 proto static metric 100',
      { judgement: 'failed' },
    ],
    ['rules survive a restart', 'the same table', 'the same table', { judgement: 'ok' }],
    ['time', 'within 5 s', '6 s', { judgement: 'warning' }],
  ],
};

describe('tables', () => {
  test('with numbers and verdicts', () => {
    expectGolden('reporters/table-sources.txt', renderTable(sources, look));
  });

  test('in colour', () => {
    const text = renderTable(sources, { ...look, color: true });
    expectGolden('reporters/table-color.txt', text);
  });

  test('with long cells', () => {
    expectGolden('reporters/table-wrapped.txt', renderTable(checks, look));
  });
});

test('cells are never cut, only wrapped; no line is too long; nothing but ASCII is added', () => {
  for (const width of [40, 60, 80, 120]) {
    const text = renderTable(checks, { ...look, width });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    const letters = (part: string): string => part.replaceAll(/\s/g, '').split('').sort().join('');
    const [head = '', dashes = '', ...body] = text.split('\n');
    expect(dashes).toMatch(/^[- ]+$/);
    expect(letters(head + body.join(''))).toBe(
      letters(
        checks.columns.join('') +
          checks.rows
            .flat()
            .map((cell) => (typeof cell === 'object' ? cell.judgement : cell))
            .join(''),
      ),
    );
  }
});

test('control characters in a cell do nothing', () => {
  const text = renderTable({ columns: ['a'], rows: [['x\u001b[2Jy\nz']] }, look);
  expect(text).toBe('a\n------------\nx\\x1b[2Jy\\nz\n');
});

test('a cell that never ends shows its beginning', () => {
  const endless = `${'é'.repeat(999)}🙂${'eth0, '.repeat(500_000)}`;
  const text = renderTable({ columns: ['what', 'found'], rows: [['NIC', endless]] }, look);
  expect(text).toMatch(/é…\n/);
  expect(text.length).toBeLessThan(5000);
});
