import { setTimeout as sleep } from 'node:timers/promises';
import { type Site, type RunOptions } from '../hosts/site.ts';
import { HOLD_FILE } from '../hosts/tiny-release.ts';
import { type PrintedEvent, type WatchedRun } from './watched-run.ts';

/** Something that is done to the world while a run goes on; `kill` ends the run. */
type Act = (kill: () => void) => Promise<void>;

interface MomentOptions extends Omit<RunOptions, 'onEvent'> {
  /** Apply, without it. */
  readonly command?: 'apply' | 'teardown';
  /** Called with every event beside. */
  readonly also?: (event: PrintedEvent) => void;
}

/** Applies or tears down, and acts once, as soon as an event fits. */
export async function applyAndAct(
  site: Site,
  fits: (event: PrintedEvent) => boolean,
  act: Act,
  { command = 'apply', also, ...options }: MomentOptions = {},
): Promise<WatchedRun> {
  let acting: Promise<void> | undefined;
  const run = await site[command]({
    ...options,
    onEvent(event, kill) {
      also?.(event);
      if (!fits(event)) return;
      acting ??= act(kill);
      acting.catch(() => undefined);
    },
  });
  if (acting === undefined) throw new Error('the moment never came');
  await acting;
  return run;
}

/** Applies, and acts while nginx is being compiled, which waits until the act is over. */
export async function applyAndActInBuild(
  site: Site,
  act: Act,
  options: MomentOptions = {},
): Promise<WatchedRun> {
  await site.host.inside(`: >${HOLD_FILE}`);
  return await applyAndAct(
    site,
    ({ type, step, host }) =>
      type === 'step-started' && step === 'nginx from source' && host === site.host.name,
    async (kill) => {
      // The step has begun; a moment later it waits for us.
      await sleep(500);
      try {
        await act(kill);
      } finally {
        await letBuildGoOn(site);
      }
    },
    options,
  );
}

/** Ends the wait in the build; where the host was booted meanwhile, there is none. */
async function letBuildGoOn(site: Site): Promise<void> {
  await site.host.inside(`rm -f ${HOLD_FILE}`);
}

/** Whether a step with this beginning starts. */
export function stepBegins(id: string): (event: PrintedEvent) => boolean {
  return ({ type, step = '' }) => type === 'step-started' && step.startsWith(id);
}
