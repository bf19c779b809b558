import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { expectedDistribution } from '../../../src/ipvs/distribution/expected-distribution.ts';
import { judgeDistribution } from '../../../src/ipvs/distribution/judge-distribution.ts';
import { schedulers } from '../../../src/ipvs/distribution/schedulers.ts';
import { endpoint, type VirtualService } from '../../../src/ipvs/virtual-service.ts';
import { kernelRoundRobin } from './kernel-round-robin.ts';

function service(scheduler: string, weights: readonly number[], options?: string): VirtualService {
  return {
    protocol: 'tcp',
    address: '192.168.4.133',
    port: 80,
    scheduler,
    ...(options === undefined ? {} : { options }),
    destinations: weights.map((weight, i) => ({
      address: `192.168.2.${128 + i}`,
      port: 80,
      method: 'masquerading',
      weight,
    })),
  };
}

const rs1 = '192.168.2.128:80';
const rs2 = '192.168.2.129:80';

function bounds(
  scheduler: string,
  weights: readonly number[],
  connections: number,
): readonly (readonly number[])[] {
  const { shares } = expectedDistribution(service(scheduler, weights), { connections });
  return shares.map(({ min, max }) => [min, max]);
}

describe('what is expected', () => {
  test.each([
    [
      'wrr',
      [1, 2],
      300,
      [
        [100, 100],
        [200, 200],
      ],
    ],
    [
      'wrr',
      [1, 2],
      301,
      [
        [100, 101],
        [200, 201],
      ],
    ],
    [
      'wrr',
      [2, 4],
      302,
      [
        [100, 101],
        [201, 202],
      ],
    ],
    [
      'wrr',
      [0, 2],
      10,
      [
        [0, 0],
        [10, 10],
      ],
    ],
    [
      'rr',
      [1, 2],
      301,
      [
        [150, 151],
        [150, 151],
      ],
    ],
    [
      'sh',
      [1, 2],
      300,
      [
        [0, 300],
        [0, 300],
      ],
    ],
    [
      'sed',
      [1, 2],
      300,
      [
        [0, 0],
        [300, 300],
      ],
    ],
    [
      'fo',
      [5, 2],
      300,
      [
        [300, 300],
        [0, 0],
      ],
    ],
    [
      'lc',
      [1, 2],
      300,
      [
        [105, 195],
        [105, 195],
      ],
    ],
    [
      'wlc',
      [1, 2],
      300,
      [
        [58, 142],
        [158, 242],
      ],
    ],
    [
      'wlc',
      [0, 2],
      300,
      [
        [0, 0],
        [300, 300],
      ],
    ],
  ] as const)(
    '%s of weights %j with %d connections',
    (scheduler, weights, connections, expected) => {
      const actual = bounds(scheduler, weights, connections);
      expect(actual).toEqual(expected);
    },
  );

  test('no scheduler ever promises a server of weight 0 anything, and all connections have a place', () => {
    const scheduler = fc.constantFrom(...schedulers.map(({ name }) => name));
    const weights = fc.array(fc.nat(9), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        scheduler,
        weights,
        fc.integer({ min: 1, max: 1000 }),
        (name, list, connections) => {
          fc.pre(list.some((weight) => weight > 0));
          const { shares } = expectedDistribution(service(name, list), { connections });
          for (const share of shares) {
            expect(share.min).toBeLessThanOrEqual(share.max);
            expect(share.weight > 0 || share.max === 0).toBe(true);
          }
          const sum = (side: 'min' | 'max'): number =>
            shares.reduce((total, share) => total + share[side], 0);
          expect(sum('min')).toBeLessThanOrEqual(connections);
          expect(sum('max')).toBeGreaterThanOrEqual(connections);
        },
      ),
    );
  });
});

describe('the verdict', () => {
  test('the documented order is right wherever it begins', () => {
    const order = Array.from({ length: 300 }, (_, i) => (i % 3 === 1 ? rs1 : rs2));
    const verdict = judgeDistribution(
      expectedDistribution(service('wrr', [1, 2]), { connections: 300 }),
      {
        servers: order,
        inOrder: true,
      },
    );
    expect(verdict).toMatchObject({ ok: true, problems: [] });
    expect(verdict.explanation).toBe(
      'wrr goes round: of any 3 connections in a row, 1 for 192.168.2.128:80, 2 for 192.168.2.129:80. ' +
        'Seen: 192.168.2.128:80 100, 192.168.2.129:80 200, as expected.',
    );
  });

  test('right numbers in a wrong order are told apart from right ones', () => {
    const servers = [rs1, rs1, rs2, rs2, rs2, rs2];
    const expectation = expectedDistribution(service('wrr', [1, 2]), { connections: 6 });
    expect(judgeDistribution(expectation, { servers }).ok).toBe(true);
    expect(judgeDistribution(expectation, { servers, inOrder: true }).problems).toEqual([
      `The order is broken at connection 2: connections 1 to 2 went to ${rs1}, ${rs1}.`,
    ]);
  });

  test('refused connections, strangers and missing ones are named', () => {
    const servers = [rs2, null, '10.0.0.9:80', rs2];
    const expectation = expectedDistribution(service('wrr', [1, 2]), { connections: 6 });
    expect(judgeDistribution(expectation, { servers }).problems).toEqual([
      '4 connections were made instead of 6.',
      '1 of 4 connections reached no server.',
      '1 went to 10.0.0.9:80, which is no server of this service.',
      `${rs1} got 0 instead of 2.`,
      `${rs2} got 2 instead of 4.`,
    ]);
  });

  test.each([
    ['sh', undefined, 1, false],
    ['sh', undefined, 2, true],
    ['sh', '-b sh-port', 1, true],
    ['wrr', '-p 360', 1, false],
    ['wrr', '-p 360', 2, true],
    ['nq', undefined, 1, false],
  ])(
    '%s with %s from %d clients: spread over two servers is fine: %s',
    (scheduler, options, clients, ok) => {
      const servers = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? rs1 : rs2));
      const traffic = { connections: 20, clients };
      const expectation = expectedDistribution(service(scheduler, [1, 1], options), traffic);
      expect(judgeDistribution(expectation, { servers }).ok).toBe(ok);
    },
  );

  test('a server of weight 0 that answers is a problem', () => {
    const expectation = expectedDistribution(service('lc', [0, 1]), { connections: 10 });
    const servers = [rs1, ...Array.from({ length: 9 }, () => rs2)];
    expect(judgeDistribution(expectation, { servers }).problems).toContain(
      `${rs1} got 1 although its weight is 0.`,
    );
  });

  test('what the kernel’s own algorithm does is always accepted, one swap of two servers never', () => {
    const weights = fc.array(fc.nat(6), { minLength: 2, maxLength: 5 });
    const name = fc.constantFrom('rr' as const, 'wrr' as const);
    fc.assert(
      fc.property(
        name,
        weights,
        fc.nat(40),
        fc.integer({ min: 1, max: 80 }),
        (scheduler, list, skip, connections) => {
          fc.pre(list.some((weight) => weight > 0));
          const lab = service(scheduler, list);
          const all = kernelRoundRobin(scheduler, lab.destinations, skip + connections).map(
            endpoint,
          );
          const servers = all.slice(skip);
          const expectation = expectedDistribution(lab, { connections });
          expect(judgeDistribution(expectation, { servers, inOrder: true }).problems).toEqual([]);

          const other = lab.destinations.map(endpoint).find((server) => server !== servers[0]);
          const period = expectation.rotation?.length ?? 0;
          fc.pre(other !== undefined && connections > period);
          const wrong = [other, ...servers.slice(1)];
          expect(judgeDistribution(expectation, { servers: wrong, inOrder: true }).ok).toBe(false);
        },
      ),
    );
  });
});
