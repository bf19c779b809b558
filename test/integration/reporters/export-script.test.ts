import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Plan, type PlannedStep } from '../../../src/engine/model/plan.ts';
import { sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { exportScript } from '../../../src/reporters/render/export-script.ts';
import { expectGolden } from '../../support/golden.ts';
import { samplePlan, step } from '../../unit/reporters/samples.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lvslab-export-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function planOf(...steps: readonly PlannedStep[]): Plan {
  const plays = [{ play: 'Play', unchanged: 0, steps }];
  return { hosts: [{ host: 'rs1', notices: [], plays }], failures: [] };
}

test('reads well, and is a shell script', () => {
  const script = exportScript(samplePlan);
  expectGolden('reporters/export.sh', script);
  execFileSync('sh', ['-n'], { input: script });
});

test('several hosts in one file are not run as one', () => {
  const { status, stderr } = spawnSync('sh', { input: exportScript(samplePlan), encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/take the part of one host/);
});

test('steps run in order, each from / and on its own, and the first failure ends it', () => {
  const file = path.join(folder, 'order');
  const script = exportScript(
    planOf(
      step('one', { changes: [{ field: '' }], script: sh`cd ${folder}; a=1; lvslab_progress 1 2` }),
      step('two', {
        changes: [{ field: '' }],
        script: sh`echo "$PWD" "${trusted('${a-unset}')}" >${file}`,
      }),
      step('three', { changes: [{ field: '' }], script: sh`false; rm ${file}` }),
      step('four', { changes: [{ field: '' }], script: sh`rm ${file}` }),
    ),
  );
  const { status, stdout } = spawnSync('sh', { input: script, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '1 of 2\n' });
  expect(execFileSync('cat', [file], { encoding: 'utf8' })).toBe('/ unset\n');
});

test.each(['x\ntouch FILE', 'x\rtouch FILE', 'x\u2028touch FILE', "x'\ntouch FILE\n'"])(
  'names and values stay within their comments: %j',
  (text) => {
    const file = path.join(folder, 'broken-out');
    const hostile = text.replace('FILE', file);
    const plan = planOf(
      step(hostile, {
        uploads: [hostile],
        changes: [
          { field: hostile, from: hostile, to: hostile },
          { field: '', to: hostile },
        ],
      }),
    );
    const hosts = plan.hosts.map((host) => ({
      ...host,
      host: hostile,
      plays: host.plays.map((play) => ({ ...play, play: hostile })),
    }));
    execFileSync('sh', { input: exportScript({ ...plan, hosts }) });
    expect(existsSync(file)).toBe(false);
  },
);

test('nothing to do', () => {
  expect(exportScript(planOf())).toBe('# Nothing to do: everything is as it should be.\n');
});
