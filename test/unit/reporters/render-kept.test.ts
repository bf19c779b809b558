import { expect, test } from '@jest/globals';
import { type Plan } from '../../../src/engine/model/plan.ts';
import { renderPlan } from '../../../src/reporters/render/render-plan.ts';

test('what a plan keeps is told by host, with the reason and the way to have it otherwise', () => {
  const plan: Plan = {
    hosts: [
      {
        host: 'rs1',
        plays: [],
        notices: [],
        kept: [
          { id: 'file /x', why: 'changed by others', changes: [] },
          { id: 'evil \u001b[31m', why: 'file /x may need it', changes: [] },
          { id: 'packages gcc', why: 'gcc: needed by g++', changes: [], isNeeded: true },
        ],
      },
    ],
    failures: [],
  };
  const text = renderPlan(plan, { width: 80, color: false, verbose: false });
  expect(text).toContain('--overwrite');
  expect(text).toContain('  ! rs1: file /x (changed by others)\n');
  expect(text.slice(text.indexOf('--keep-packages'))).toContain(
    '  ! rs1: packages gcc (gcc: needed by g++)',
  );
  expect(text).not.toContain('\u001b');
});
