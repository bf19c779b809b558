import { type Connection } from '../../engine/model/connection.ts';
import { StepFailedError } from '../../engine/model/failures/errors.ts';
import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { readingLimitMs } from '../../engine/host/limits.ts';
import { sh } from '../../engine/model/shell/script.ts';
import { applyLab } from '../commands/change/apply.ts';
import { tearDownHosts, teardownOptions } from '../commands/change/teardown.ts';
import { EXIT } from '../exit-codes.ts';
import { projectPath } from '../../project-files.ts';
import { type Screen } from '../terminal/screen.ts';
import { type DescribedLab, everyHostOf, playLab } from '../session/hosts/open-lab.ts';

/** The play that brings tcpdump, and the resource that it makes, as the plan calls it. */
const PLAYBOOK = projectPath('playbooks/tcpdump.ts');
const RESOURCE = 'packages tcpdump';

/** Which of these hosts have no tcpdump. */
export async function hostsWithoutTcpdump(
  connections: readonly Connection[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const script = sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    command -v tcpdump >/dev/null
  `;
  const found = await Promise.all(
    connections.map(async (connection) => {
      const timeoutMs = readingLimitMs(connection.pace);
      return (await connection.run(script, { signal, timeoutMs })).exitCode === 0;
    }),
  );
  return connections.filter((_, i) => found[i] !== true).map(({ host }) => host);
}

/**
 * Installs tcpdump on hosts, as any other play does its work: planned, in the hosts' journals, proved.
 * @throws StepFailedError where it is not there afterwards.
 */
export async function installTcpdump(
  described: DescribedLab,
  hosts: readonly string[],
  screen: Screen,
): Promise<void> {
  const limit = hosts.join(',');
  const flags = { inventory: { inventory: '', extraVars: [], limit }, output: {} };
  const played = await playLab(described, { ...flags, playbook: PLAYBOOK }, screen);
  const exitCode = await applyLab(played, screen, { ask: false, words: INSTALLING });
  if (exitCode === EXIT.ok) return;
  throw new StepFailedError(`tcpdump could not be installed on ${hosts.join(', ')}`, {
    step: 'trace',
    exitCode,
    output: '',
    hint: 'Leave out the option --install: the trace then does without the hosts that lack tcpdump.',
  });
}

/** Takes it away again, with what came with it; resolves to an exit status. */
export async function removeTcpdump(
  described: DescribedLab,
  hosts: readonly string[],
  screen: Screen,
): Promise<number> {
  const reachable = everyHostOf(described, {}, screen).filter(({ name }) => hosts.includes(name));
  return await tearDownHosts(reachable, screen, {
    what: teardownOptions({ only: [RESOURCE] }),
    change: {},
    ask: false,
    kinds: [],
    words: REMOVING,
  });
}

const INSTALLING = {
  done: 'tcpdump is there for the time of the trace.',
  notDone: 'tcpdump is not on all hosts that lack it.',
};

const REMOVING = {
  done: 'tcpdump is gone again.',
  notDone: `tcpdump is still there. Take it away with \`lvslab teardown --only '${RESOURCE}'\`.`,
};
