import { setTimeout as sleep } from 'node:timers/promises';
import { type SavedState } from '../hosts/fault-host.ts';
import { applyAndAct, applyAndActInBuild, stepBegins } from '../course/moments.ts';
import { type Case, onBoth, onDebian, type Scenario } from '../course/scenario.ts';
import { expectExitCode, type Site, statesOf } from '../hosts/site.ts';
import { type PrintedEvent } from '../course/watched-run.ts';

export const powerCut: Scenario = {
  fault: 'a real server loses its power, or is rebooted',
  injected:
    'all of its processes end at once (cgroup.kill), or systemctl reboot; then it boots again',
  answer:
    'the host fails with that cause; the next run reads the state, finishes an installation of packages that lvslab began, or takes away what is half there, and goes on',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    {
      moment: 'while nginx is compiled',
      fast: true,
      run: async (site) => {
        await site.begin('fresh');
        const run = await applyAndActInBuild(site, () => offAndOn(site));
        expectCutOff(site, run);
        await site.expectWholeFiles();
        await site.expectRecovery('applied');
      },
    },
    {
      moment: 'while nginx is compiled, then torn down',
      run: async (site) => {
        await site.begin('fresh');
        const run = await applyAndActInBuild(site, () => offAndOn(site));
        expectCutOff(site, run);
        await site.expectRecovery('fresh');
      },
    },
    {
      moment: 'rebooted while nginx is compiled',
      run: async (site) => {
        await site.begin('fresh');
        const before = await site.host.leader();
        const run = await applyAndActInBuild(site, async () => {
          await site.host.inside('systemctl reboot');
          await untilRebooted(site, before);
        });
        expectCutOff(site, run);
        await site.expectWholeFiles();
        await site.expectRecovery('applied');
      },
    },
    ...[300, 700, 1100, 1500].map((milliseconds) => cutDuring('apply', milliseconds, 'packages')),
    ...[50, 150].map((milliseconds) => cutDuring('apply', milliseconds, 'file ')),
    ...[100, 1500].map((milliseconds) => cutDuring('apply', milliseconds, 'network interface')),
    cutDuring('apply', 700, 'packages', 'fresh'),
    cutDuring('apply', 50, 'file ', 'fresh'),
    cutDuring('apply', 100, 'network interface', 'fresh'),
    {
      moment: 'apply: once nginx is installed, with its own page still; then torn down',
      run: async (site) => {
        await cutOnceStopped(site, 'nginx from source', stopOnceBuilt);
        await site.expectRecovery('fresh');
      },
    },
    {
      moment: 'apply: when the new gateway is confirmed, and its guard is still there',
      run: async (site) => {
        await cutOnceStopped(site, 'network interface', stopDecision);
        await site.expectWholeFiles();
        await site.expectRecovery('applied');
      },
    },
    ...[300, 900].map((milliseconds) => cutDuring('teardown', milliseconds, 'packages')),
    cutDuring('teardown', 100, 'network interface'),
  ],
};

/**
 * Cuts the power in a step, and runs the command again; or, after an apply that is to be given up, a teardown.
 * @param step how its id begins.
 */
function cutDuring(
  command: 'apply' | 'teardown',
  milliseconds: number,
  step: string,
  to: SavedState = statesOf[command].to,
): Case {
  const { from } = statesOf[command];
  return {
    moment: `${command}: ${milliseconds} ms into '${step.trim()} …'${to === from ? ', then torn down' : ''}`,
    run: async (site) => {
      await site.begin(from);
      const run = await applyAndAct(
        site,
        stepBegins(step),
        async () => {
          await sleep(milliseconds);
          await offAndOn(site);
        },
        { command, limitMs: 120_000 },
      );
      // The last steps may have been over by then.
      if (run.exitCode !== 0) expectCutOff(site, run);
      await site.expectWholeFiles();
      await site.expectRecovery(to);
    },
  };
}

/**
 * Applies to a host as it was before, and cuts its power where shell on it has stopped what goes on in a step.
 * @param step how its id begins.
 */
async function cutOnceStopped(site: Site, step: string, stop: string): Promise<void> {
  await site.begin('fresh');
  const run = await applyAndAct(site, stepBegins(step), async () => {
    await site.host.inside(stop);
    await offAndOn(site);
  });
  expectCutOff(site, run);
}

/** Shell that waits until a change is decided, and keeps that from being carried out: it holds its lock. */
const stopDecision = `for try in $(seq 3000); do
  for change in /var/lib/lvslab/undecided.*; do
    if [ -d "$change" ]; then [ -n "$held" ] || { exec 9<"$change"; flock 9; held=yes; }; fi
    if [ -L "$change/decision" ]; then sleep 120 >/dev/null 2>&1 & exit 0; fi
  done
  sleep 0.01
done
exit 1`;

/** Shell that waits until nginx is installed, and stops everything that runs on the host but itself. */
const stopOnceBuilt = `for try in $(seq 6000); do
  if [ -s /usr/local/nginx/.lvslab-build ]; then kill -STOP -1; exit 0; fi
  sleep 0.01
done
exit 1`;

/** Ends all of the host's processes at once, and boots it. */
export async function offAndOn(site: Site): Promise<void> {
  await site.host.powerCut();
  await site.host.start();
}

async function untilRebooted(site: Site, before: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries += 1) {
    const now = await site.host.leader().catch(() => before);
    if (now !== '' && now !== before) return;
    await sleep(100);
  }
  throw new Error(`${site.host.name} did not reboot`);
}

/** The run failed because the host was gone. */
export function expectCutOff(site: Site, run: Parameters<Site['expectFailure']>[0]): void {
  site.expectFailure(run, {
    code: 'E_(JOB_CUT_OFF|ROLLED_BACK|CONNECTION_LOST|CONNECT|STEP_FAILED)',
    says: /./,
  });
}

export const directorPowerCut: Scenario = {
  fault: 'the director loses its power, with all that was not yet synced to its disk',
  injected: 'the virtual machine is killed, booted again, and applied or torn down',
  answer: 'no file is half written; the next run goes on, with packages and all',
  flavours: onDebian,
  place: 'director',
  isInFastSubset: false,
  cases: () => [
    directorCut(
      'apply',
      "in the middle of 'packages ipvsadm'",
      stepBegins('packages ipvsadm'),
      1500,
    ),
    // In this order, most of them need no boot beside their own.
    directorCut(
      'teardown',
      "in the middle of 'packages ipvsadm'",
      stepBegins('packages ipvsadm'),
      1000,
    ),
    directorCut('apply', 'right after the rules were saved', ended('ipvs rules'), 0),
    directorCut(
      'apply',
      "right after 'packages ipvsadm', then torn down",
      ended('packages ipvsadm'),
      0,
      'fresh',
    ),
    directorCut('apply', 'right after the forwarding was switched on', ended('sysctl'), 0),
  ],
};

function ended(id: string): (event: PrintedEvent) => boolean {
  return ({ type, step = '' }) => type === 'step-finished' && step.startsWith(id);
}

function directorCut(
  command: 'apply' | 'teardown',
  moment: string,
  fits: (event: PrintedEvent) => boolean,
  milliseconds: number,
  to: SavedState = statesOf[command].to,
): Case {
  const { from } = statesOf[command];
  return {
    moment: `${command}: ${moment}`,
    run: async (site) => {
      await site.begin(from);
      const run = await applyAndAct(
        site,
        fits,
        async () => {
          await sleep(milliseconds);
          await offAndOn(site);
        },
        { command, limitMs: 240_000 },
      );
      if (run.exitCode !== 0) expectExitCode(run, 1);
      // A file that a package has just brought is not what it was, nor what it was to become.
      if (to !== from) await site.expectWholeFiles();
      await site.expectRecovery(to, { limitMs: 240_000 });
    },
  };
}

export const clockOff: Scenario = {
  fault: "the director's clock is years off",
  injected: "the virtual machine's clock is set to 2012 before an apply, to 2037 before a teardown",
  answer: 'nothing of lvslab depends on it: the run is as any other',
  flavours: onDebian,
  place: 'director',
  isInFastSubset: false,
  cases: () => [
    {
      moment: '2012, 2037',
      faults: 2,
      run: async (site) => {
        await site.begin('fresh');
        await site.host.run("date -s '2012-03-01 10:00'");
        await site.expectRecovery('applied');
        await site.host.run("date -s '2037-03-01 10:00'");
        await site.expectRecovery('fresh');
        site.forget();
      },
    },
  ],
};
