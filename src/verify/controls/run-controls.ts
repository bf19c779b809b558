import { type Connection } from '../../engine/model/connection.ts';
import { StepFailedError } from '../../engine/model/failures/errors.ts';
import { readingLimitMs } from '../../engine/host/limits.ts';
import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { sh } from '../../engine/model/shell/script.ts';
import { type LabUnderTest } from '../lab-under-test.ts';
import { type Verdict, type VerifyReport } from '../report.ts';
import { runTask } from '../run-task.ts';
import { verifyLab } from '../verify-lab.ts';
import { type Control, controlsOf, NOT_POSSIBLE } from './control-list.ts';

/** What became of one control. */
interface ControlResult extends Pick<Control, 'host' | 'isOfMode' | 'name'> {
  /** Names of the checks that had to fail. */
  readonly reddens: readonly string[];
  /** Those of them that did. */
  readonly reddened: readonly string[];
  /** What was wrong otherwise; '' where nothing was. */
  readonly problem: string;
  readonly verdict: Verdict;
}

/** What `runControls` found. */
export interface ControlsReport {
  readonly service: string;
  readonly controls: readonly ControlResult[];
  /** The lab again, once all was put back. */
  readonly whole: VerifyReport;
  readonly verdict: Verdict;
}

/** Enough for every scheduler to use every server, and few enough to wait for. */
const REQUESTS = 12;
/** If the controller vanishes meanwhile, the host puts it back by itself. */
const GUARD_SECONDS = 300;

/**
 * Shows of each check that it can fail: takes one condition after the other away, sees which checks notice, and puts it
 * back, whatever happens; at the end the lab must be whole again.
 * @param before a verification of the same lab in which nothing failed.
 * @throws CancelledError; what makes the requests themselves impossible.
 */
export async function runControls(
  test: LabUnderTest,
  before: VerifyReport,
): Promise<ControlsReport> {
  const controls: ControlResult[] = [];
  for (const control of controlsOf(test, before.clientAddress)) {
    const task = `without ${control.name} on ${control.host}`;
    controls.push(await runTask(task, test, () => runControl(control, test)));
  }
  const whole = await verifyLab(test, { requests: REQUESTS, restart: false });
  const isWhole = whole.verdict === 'ok' && controls.every(({ verdict }) => verdict !== 'failed');
  return { service: before.service, controls, whole, verdict: isWhole ? 'ok' : 'failed' };
}

async function runControl(control: Control, test: LabUnderTest): Promise<ControlResult> {
  const { name, host, isOfMode, reddens } = control;
  const result = { name, host, isOfMode, reddens, reddened: [] };
  const connection = host === test.director.name ? test.directorHost : test.realServers.get(host);
  if (connection === undefined) {
    return { ...result, problem: 'there is no connection to it', verdict: 'failed' };
  }
  const guard = `lvslab-control-${test.nonce()}`;
  try {
    const taken = await take(connection, control, guard);
    if (taken.kind !== 'taken') {
      const verdict = taken.kind === 'impossible' ? 'skipped' : 'failed';
      return { ...result, problem: taken.problem, verdict };
    }
    const quiet = { ...test, emit: () => undefined };
    return judge(control, await verifyLab(quiet, { requests: REQUESTS, restart: false }));
  } finally {
    await putBack(connection, control, guard);
  }
}

type TakeEnd =
  { readonly kind: 'taken' } | { readonly kind: 'impossible' | 'failed'; readonly problem: string };

/** The timer comes first: from the moment on when the condition is gone, it is certain that it comes back. */
async function take(
  connection: Connection,
  { take: script, putBack: back, notPossible }: Control,
  guard: string,
): Promise<TakeEnd> {
  const guarded = sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    systemd-run ${`--unit=${guard}`} ${`--on-active=${GUARD_SECONDS}`} --timer-property=AccuracySec=1s \
      /bin/sh -c ${back.text} >/dev/null || exit 1
    ( set -e
    ${script}
    )
  `;
  const { exitCode, stderr } = await connection.run(guarded, limitOf(connection));
  if (exitCode === 0) return { kind: 'taken' };
  if (exitCode === NOT_POSSIBLE) {
    const problem = notPossible ?? 'the session itself comes from the client';
    return { kind: 'impossible', problem };
  }
  const problem = stderr.trim().split('\n').at(-1) ?? '';
  return { kind: 'failed', problem: `could not be taken away: ${problem}` };
}

/** Not to be interrupted: a request to stop is obeyed once all is as it was. */
async function putBack(
  connection: Connection,
  { name, host, putBack: script }: Control,
  guard: string,
): Promise<void> {
  const back = sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    ( set -e
    ${script}
    ) || exit 1
    systemctl stop ${`${guard}.timer`} 2>/dev/null || :
  `;
  const { exitCode, stderr } = await connection.run(back, limitOf(connection));
  if (exitCode === 0) return;
  throw new StepFailedError(`${name} could not be put back: ${stderr.trim()}`, {
    host,
    step: 'controls',
    exitCode: exitCode ?? -1,
    output: stderr,
    hint:
      `Set it right with ` +
      '`lvslab apply`' +
      `; the host itself tries it again after ${GUARD_SECONDS} s.`,
  });
}

function limitOf(connection: Connection): { readonly timeoutMs: number } {
  return { timeoutMs: readingLimitMs(connection.pace) };
}

function judge(
  { name, host, isOfMode, reddens, unasked }: Control,
  { checks, servers }: VerifyReport,
): ControlResult {
  const failed = new Set(
    checks.filter(({ verdict }) => verdict === 'failed').map((check) => check.name),
  );
  const reddened = reddens.filter((check) => failed.has(check));
  const asked = servers.find((server) => server.name === unasked);
  const isAsked = asked !== undefined && (asked.bodies > 0 || asked.logged !== 0);
  const unnoticed = reddens.filter((check) => !failed.has(check));
  return {
    ...{ name, host, isOfMode, reddens, reddened },
    problem: [
      ...unnoticed.map((check) => `not noticed by: ${check}`),
      ...(isAsked ? [`${asked.name} was asked all the same`] : []),
    ].join('; '),
    verdict: unnoticed.length === 0 && !isAsked ? 'ok' : 'failed',
  };
}
