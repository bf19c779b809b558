import { setTimeout as sleep } from 'node:timers/promises';
import { applyAndAct, applyAndActInBuild, stepBegins } from '../course/moments.ts';
import { onBoth, type Scenario } from '../course/scenario.ts';
import { expectExitCode, patiently, type Site } from '../hosts/site.ts';

export const secondFault: Scenario = {
  fault: 'a second fault, while the first is being recovered from',
  injected:
    'the power is cut again while the host rolls a change back at boot; lvslab is killed, and the one that adopts its job as well; the power is cut while a broken connection is made again',
  answer: 'as after the first: the next run reads the state, and does what is left',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: false,
  cases: () => [
    ...[0, 400, 1500].map((milliseconds) => ({
      moment: `a power cut in the change of the network, another ${milliseconds} ms after the boot began`,
      faults: 2,
      run: async (site: Site) => {
        await site.begin('fresh');
        const run = await applyAndAct(
          site,
          stepBegins('network interface'),
          async () => {
            await sleep(100);
            await site.host.powerCut();
            const booting = site.host.start().catch(() => undefined);
            await sleep(milliseconds);
            await site.host.powerCut();
            await booting;
            await site.host.start();
          },
          { limitMs: 240_000 },
        );
        if (run.exitCode !== 0) expectExitCode(run, 1);
        await site.expectWholeFiles();
        await site.expectRecovery('applied');
      },
    })),
    {
      moment: 'lvslab killed while nginx is compiled, and the next one while it follows that',
      faults: 2,
      run: async (site) => {
        await site.begin('fresh');
        const first = await applyAndActInBuild(site, async (kill) => {
          kill();
          const second = await site.apply({
            extra: patiently(),
            onEvent: ({ type }, killSecond) => {
              if (type === 'job-found' || type === 'step-followed') killSecond();
            },
          });
          if (second.exitCode !== null) expectExitCode(second, 1);
        });
        expectExitCode(first, null);
        await site.expectWholeFiles();
        await site.expectRecovery('applied', { extra: patiently() });
      },
    },
    {
      moment:
        'the session killed while nginx is compiled, and the power cut while it is made again',
      faults: 2,
      run: async (site) => {
        await site.begin('fresh');
        const run = await applyAndActInBuild(
          site,
          async () => {
            await site.host.inside("pkill -KILL -f '^sshd: root'; :");
            await site.host.powerCut();
            await site.host.start();
          },
          { limitMs: 240_000 },
        );
        if (run.exitCode !== 0) expectExitCode(run, 1);
        await site.expectWholeFiles();
        await site.expectRecovery('applied');
      },
    },
  ],
};
