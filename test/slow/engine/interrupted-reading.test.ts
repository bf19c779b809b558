import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type EngineContext } from '../../../src/engine/model/engine-context.ts';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { closeSurvey, survey, type Survey } from '../../../src/engine/apply/survey.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { testContext } from '../../support/engine-context.ts';
import { StepLab } from '../../support/lab/step-lab.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a host whose reading does not come to its end', () => {
  let folder: string;
  let lab: StepLab;
  let events: EngineEvent[];

  beforeEach(() => {
    folder = mkdtempSync(`${tmpdir()}/lvslab-reading-`);
    lab = new StepLab(folder);
    events = [];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Two hosts of one lab, of which 'a' hangs where it is told to. */
  async function surveyed(
    { facts = sh`echo a`, observe }: { readonly facts?: Script; readonly observe?: Script },
    more: Partial<EngineContext> = {},
  ): Promise<Survey> {
    const host = lab.host(() => Promise.resolve(openLocalConnection({ host: 'a' })));
    const other = {
      ...host,
      name: 'b',
      connect: () => Promise.resolve(openLocalConnection({ host: 'b' })),
    };
    const whole = lab.step('whole');
    const hanging = { ...lab.step('hanging'), ...(observe !== undefined && { observe }) };
    const playbook = {
      name: 'steps',
      plays: [
        { name: 'one', hosts: 'a', resources: () => [whole, hanging] },
        { name: 'other', hosts: 'b', resources: () => [whole] },
      ],
    };
    const found = await survey(
      [{ ...host, facts }, other],
      { playbook, orphans: 'adopt' },
      testContext({ events, ...more }),
    );
    await closeSurvey(found);
    return found;
  }

  test('is given up after its time, with what it hung on, and no other host is concerned', async () => {
    const { hosts, failures } = await surveyed(
      { observe: sh`sleep 600` },
      { leastReadingMs: 1500 },
    );
    expect(failures).toMatchObject([
      { host: 'a', error: { code: 'E_TIMEOUT', host: 'a', step: 'note hanging' } },
    ]);
    expect(hosts.map(({ name }) => name)).toEqual(['b']);
  });

  test('may hang on its facts as well', async () => {
    const { failures } = await surveyed({ facts: sh`sleep 600` }, { leastReadingMs: 1500 });
    expect(failures).toMatchObject([{ error: { code: 'E_TIMEOUT', step: 'facts' } }]);
  });

  test.each([
    ['facts', { facts: sh`sleep 600` }],
    ['resources', { observe: sh`sleep 600` }],
  ])('is left within two seconds when the person asks to stop (%s)', async (_what, hangs) => {
    const interruption = new AbortController();
    const reading = surveyed(hangs, { signal: interruption.signal });
    setTimeout(() => {
      interruption.abort();
    }, 500);
    const began = performance.now();
    await expect(reading).rejects.toMatchObject({
      code: 'E_CANCELLED',
      message: expect.stringContaining('has changed nothing'),
    });
    expect(performance.now() - began).toBeLessThan(2500);
    expect(events.filter(({ type }) => type === 'host-failed')).toEqual([]);
  });
});
