import { type Connection } from '../../../engine/model/connection.ts';
import {
  CancelledError,
  LvslabError,
  StalePlanError,
} from '../../../engine/model/failures/errors.ts';
import {
  breakLock,
  describeHolder,
  probeLock,
  parseLockProbe,
} from '../../../engine/detached/host-lock.ts';
import { read, runShort } from '../../../engine/host/reading.ts';
import { statePaths } from '../../../engine/host/state-paths.ts';
import { printable } from '../../../reporters/text/printable-text.ts';
import { confirm } from '../../terminal/ask.ts';
import { EXIT } from '../../exit-codes.ts';
import { type FlagGroups } from '../../flags.ts';
import { openEveryHost } from '../../session/hosts/open-lab.ts';
import { type Screen, withScreen } from '../../terminal/screen.ts';

/** `lvslab unlock`: removes the locks that runs have left on hosts. */
export async function unlock(flags: FlagGroups): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    const hosts = (await openEveryHost(flags, screen)).filter(({ readOnly }) => !readOnly);
    let exitCode: number = EXIT.ok;
    for (const { name, connect } of hosts) {
      try {
        const connection = await connect();
        try {
          await unlockHost(connection, screen, { ask: flags.change.yes !== true });
        } finally {
          await connection.close();
        }
      } catch (error) {
        if (!(error instanceof LvslabError) || error instanceof CancelledError) throw error;
        screen.reporter.event({ type: 'host-failed', host: name, error });
        exitCode = EXIT.failed;
      }
    }
    return exitCode;
  });
}

async function unlockHost(
  connection: Connection,
  { reporter, signal }: Screen,
  { ask }: { readonly ask: boolean },
): Promise<void> {
  const { host } = connection;
  const { stdout } = await read(connection, probeLock(statePaths), { signal });
  const found = parseLockProbe(stdout);
  if (found === undefined) {
    reporter.say(`${host}: not locked`);
    return;
  }
  const { holder, alive } = found;
  const state = alive ? 'its connection or a job of it is still there' : 'it is gone';
  reporter.say(`${host}: locked by ${describeHolder(holder)}; ${state}`);
  if (ask && !(await confirm(`Remove the lock of ${printable(host)}?`, signal))) return;
  const removal = await runShort(connection, breakLock(statePaths, holder.invocation), { signal });
  if (removal.exitCode !== 0 || removal.stdout.trim() === 'lost') {
    throw new StalePlanError(
      `the lock could not be removed: ${removal.stderr || 'it is another one now'}`,
      {
        host,
        step: 'unlock',
        hint: 'Run the command again.',
      },
    );
  }
  reporter.say(`${host}: unlocked`);
}
