import {
  canInstallTools,
  installCommand,
  installTools,
} from '../../embedded/machine/system-packages.ts';
import { type SystemTool } from '../../embedded/machine/system-tools.ts';
import { type Screen } from '../terminal/screen.ts';

/**
 * Installs programs that are missing on this machine, after saying which and why; where that can't be done, whoever runs
 * them says what to type.
 * @throws EmbeddedLabError, CancelledError
 */
export async function provideTools(
  missing: readonly SystemTool[],
  { reporter, reporting, signal }: Screen,
): Promise<void> {
  if (missing.length === 0 || !canInstallTools(missing)) return;
  const [manager = ''] = installCommand(missing) ?? [];
  reporter.say(`These programs are missing on this machine and will be installed with ${manager}:`);
  for (const { program, reason } of missing) reporter.say(`  ${program}: ${reason}`);
  const task = 'install system packages';
  const began = reporting.now();
  reporter.task({ task, state: 'started' });
  await installTools(missing, {
    signal,
    onLine: (text) => {
      reporter.task({ task, state: 'progress', text });
    },
  });
  reporter.task({ task, state: 'finished', milliseconds: reporting.now() - began });
}
