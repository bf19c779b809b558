import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { drillLab } from '../../../src/verify/drill-lab.ts';
import { type Check } from '../../../src/verify/report.ts';
import { verifyLab } from '../../../src/verify/verify-lab.ts';
import { LoopbackLab } from '../../support/network/loopback-lab.ts';

let toy: LoopbackLab;

beforeEach(async () => {
  toy = new LoopbackLab();
  await toy.open();
});

afterEach(async () => {
  await toy.close();
});

function failed(checks: readonly Check[]): readonly string[] {
  return checks.filter(({ verdict }) => verdict === 'failed').map(({ name }) => name);
}

describe('how long the counters are waited for', () => {
  const sum = (seconds: readonly number[]) => seconds.reduce((all, one) => all + one, 0);

  test.each([
    ['not at all where nothing lags behind', {}, 0.25],
    ['until they are complete', { lag: 3 }, 1],
    ['also where services are gone that were counted, until nobody asks any more', { gone: 7 }, 4],
    ['also both', { gone: 1, lag: 5 }, 6],
    ["for the estimator's time where the kernel has no totals", { hasTotals: false, lag: 1 }, 9],
  ])('%s', async (_, counting, most) => {
    Object.assign(toy.counting, counting);
    const report = await verifyLab(toy.test, { requests: 6, restart: false });
    expect(failed(report.checks)).toEqual([]);
    expect(sum(toy.slept)).toBeLessThanOrEqual(most);
  });

  test('once for all phases of a drill', async () => {
    Object.assign(toy.counting, { gone: 3, lag: 1 });
    const report = await drillLab(toy.test, {
      reconnect: (host) => Promise.resolve(toy.connection(host)),
      pause: () => Promise.resolve(),
    });
    expect(report.verdict).toBe('ok');
    expect(sum(toy.slept)).toBeLessThan(1);
  });

  test('for somebody else who never ends, in vain', async () => {
    toy.faults.set(
      'director',
      'ipvsadm() { case $* in *--stats*) echo rs1 >>"$TOY_FOLDER/given";; esac; command curl -s "$TOY_STATS"; }',
    );
    const report = await verifyLab(toy.test, { requests: 6, restart: false });
    const check = report.checks.find(({ name }) => name.startsWith("IPVS's counters"));
    expect(check).toMatchObject({
      verdict: 'failed',
      explanation: expect.stringContaining('something else uses the VIP as well'),
    });
  });
});
