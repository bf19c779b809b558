import { describe, expect, test } from '@jest/globals';
import { type Check, type DrillReport, type VerifyReport } from '../../../src/verify/report.ts';
import { dr } from '../../../src/lab/modes/dr.ts';
import { nat } from '../../../src/lab/modes/nat.ts';
import { type ControlsReport } from '../../../src/verify/controls/run-controls.ts';
import { comparisonTable } from '../../../src/verify/compare-modes.ts';
import { drillTables, verifyTables } from '../../../src/verify/tables.ts';

const check: Check = {
  name: 'a check',
  verdict: 'ok',
  expected: '1',
  actual: '1',
  explanation: '',
};
const requests = { asked: 30, made: 30, answered: 10, refused: 20, timedOut: 0, strange: 0 };

describe('verifyTables', () => {
  const server = {
    name: 'rs1',
    address: '192.168.2.128:80',
    weight: 1,
    bodies: 100,
    expected: 100,
  };
  const report: VerifyReport = {
    service: '192.168.4.133:80 wrr',
    client: 'client',
    requests,
    asked: [],
    waysBack: [],
    servers: [{ ...server, logged: 99, clientAddresses: ['192.168.4.132'] }],
    checks: [check, { ...check, name: 'another', verdict: 'failed', explanation: 'the cause' }],
    verdict: 'failed',
  };

  test('a source that disagrees or could not be read is marked, and each failure has its cause', () => {
    const [servers, checks, causes] = verifyTables(report);
    expect(servers?.rows).toEqual([
      [
        ...['rs1', '192.168.2.128:80', 1, 100, 100],
        { judgement: 'failed', text: 'not read' },
        { judgement: 'failed', text: '99' },
        '192.168.4.132',
      ],
    ]);
    expect(checks?.verdict).toEqual({ judgement: 'failed', text: '1 of 2 checks failed' });
    expect(causes?.rows).toEqual([['another', 'the cause']]);
  });
});

test('the modes side by side, as they were measured', () => {
  const report: VerifyReport = {
    service: '192.168.4.133:80 wrr',
    client: 'client',
    requests: { ...requests, answered: 30, refused: 0 },
    passed: { packetsIn: 180, packetsOut: 120, bytesIn: 9000, bytesOut: 12_000 },
    asked: ['192.168.2.128:80', '192.168.2.129:80'],
    waysBack: ['via 192.168.2.130'],
    servers: [],
    checks: [check],
    verdict: 'ok',
  };
  const direct: VerifyReport = {
    ...report,
    passed: { packetsIn: 180, packetsOut: 0, bytesIn: 9000, bytesOut: 0 },
    asked: ['192.168.4.133:80'],
    waysBack: ['via 192.168.2.1'],
    verdict: 'failed',
  };
  const noticed = { name: 'net.ipv4.ip_forward', host: 'director', isOfMode: true };
  const controls: ControlsReport = {
    service: report.service,
    controls: [
      { ...noticed, reddens: ['a'], reddened: ['a'], problem: '', verdict: 'ok' },
      { ...noticed, name: 'missed', reddens: ['a'], reddened: [], problem: 'a', verdict: 'ok' },
      {
        ...noticed,
        name: 'other',
        isOfMode: false,
        ...{ reddens: ['a'], reddened: ['a'] },
        problem: '',
        verdict: 'ok',
      },
    ],
    whole: report,
    verdict: 'ok',
  };
  const table = comparisonTable([
    { mode: nat, report, controls },
    { mode: dr, report: direct },
  ]);
  expect(table.columns).toEqual(['', 'LVS-NAT', 'LVS-DR']);
  expect(table.rows).toContainEqual(['packets out', '120', '0']);
  expect(table.rows).toContainEqual(['replies go', 'via 192.168.2.130', 'via 192.168.2.1']);
  expect(table.rows).toContainEqual([
    'rewritten',
    'the address: VIP -> RIP, and in replies RIP -> VIP',
    'the MAC alone',
  ]);
  expect(table.rows).toContainEqual(['fails without', 'net.ipv4.ip_forward', 'not tried']);
  expect(table.verdict?.judgement).toBe('failed');
  const measured = { mode: nat, report, controls };
  expect(comparisonTable([measured]).verdict?.judgement).toBe('ok');
  const unnoticed: ControlsReport = { ...controls, verdict: 'failed' };
  expect(comparisonTable([{ ...measured, controls: unnoticed }]).verdict?.judgement).toBe('failed');
});

describe('drillTables', () => {
  const report: DrillReport = {
    service: '192.168.4.133:80 wrr',
    client: 'client',
    phases: [
      {
        title: 'rs2 stopped',
        stopped: ['rs2'],
        requests,
        servers: [
          { name: 'rs1', running: true, bodies: 10, connections: 10 },
          { name: 'rs2', running: false, bodies: 0, connections: 20 },
        ],
        checks: [check],
      },
    ],
    restorations: [{ host: 'rs2', restored: true, command: '', reason: '' }],
    verdict: 'ok',
  };

  test('a phase is a line', () => {
    const tables = drillTables(report);
    expect(tables).toHaveLength(1);
    expect(tables[0]?.rows).toEqual([
      ['rs2 stopped', 10, 20, 0, 'rs1 10, rs2 stopped', 'rs1 10, rs2 20', { judgement: 'ok' }],
    ]);
  });

  test('a server that is still stopped is named with the command', () => {
    const left = { host: 'rs2', restored: false, command: 'systemctl start nginx', reason: 'gone' };
    const [phases, servers] = drillTables({ ...report, restorations: [left], verdict: 'failed' });
    expect(phases?.verdict?.text).toContain('nginx is still stopped on rs2');
    expect(servers?.rows).toEqual([['rs2', 'systemctl start nginx', 'gone']]);
  });
});
