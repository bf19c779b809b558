import path from 'node:path';
import { z } from 'zod';
import { type Conflict } from '../../engine/model/conflict.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import {
  absent,
  type Change,
  type Observed,
  type Resource,
  type Target,
  unknown,
  value,
} from '../../engine/model/resource.ts';
import { unitOf } from '../../platforms/facts/listeners.ts';
import { quote } from '../../engine/model/shell/script.ts';
import { parseSections } from '../../platforms/sections.ts';
import { absolutePath, account, line, text } from '../schemas.ts';
import { observeHandStarted, startAgain, stopHandStarted } from './hand-started-script.ts';
import { nginxArguments } from './nginx-arguments.ts';

/** An nginx that somebody started by hand, and all that starting it again as it was takes. */
export interface HandStartedState {
  readonly binary: string;
  /** Of its command line, without its name. */
  readonly arguments: readonly string[];
  /** Who started it. */
  readonly user: string;
  /** Where it was started. */
  readonly directory: string;
  /** It is lvslab's own build, which goes with the lab. */
  readonly own?: true;
  /** What will start it at the next boot, too: 'FILE:LINE:TEXT'. */
  readonly atBoot: readonly string[];
}

/**
 * No nginx that somebody started by hand, past every service manager, listens at the port: one that does is stopped, and a
 * teardown starts it again as it was.
 */
export const handStartedNginx = defineKind('hand-started-nginx', {
  args: z.object({ port: z.int().min(1).max(65535) }),
  state: z.object({
    binary: absolutePath,
    arguments: z.array(text).readonly(),
    user: account,
    directory: absolutePath,
    own: z.literal(true).exactOptional(),
    atBoot: z.array(line).readonly(),
  }),
  make: ({ port }): Resource<HandStartedState> => ({
    id: `nginx started by hand at port ${port}`,
    observe: observeHandStarted(port),
    parse: parseHandStarted,
    aim: () => absent,
    diff: diffHandStarted,
    converge: (_from, to) =>
      to.kind === 'value' ? startAgain(port, to.value) : stopHandStarted(port),
    conflicts: (found, to) =>
      found.kind === 'value' && to.kind === 'absent' ? found.value.atBoot.map(conflictOf) : [],
    undo: {
      aim: (_found, { before }) =>
        before.kind === 'value' && before.value.own !== true ? before : absent,
    },
  }),
});

/** Where it was started from, and by what it comes at boot, is of no matter for whether it runs. */
function diffHandStarted(
  from: Target<HandStartedState>,
  to: Target<HandStartedState>,
): readonly Change[] {
  const [before, after] = [describe(from), describe(to)];
  if (before === after) return [];
  return [
    {
      field: 'process',
      ...(before !== undefined && { from: before }),
      ...(after !== undefined && { to: after }),
    },
  ];
}

function describe(state: Target<HandStartedState>): string | undefined {
  if (state.kind === 'absent') return undefined;
  const { binary, arguments: given, user } = state.value;
  const command = [binary, ...given].join(' ');
  return user === 'root' ? command : `${command} (as ${user})`;
}

function parseHandStarted(output: string): Observed<HandStartedState> {
  const sections = parseSections(output);
  const read = (name: string): string => sections.get(name)?.trim() ?? '';
  const binary = read('binary').replace(/ \(deleted\)$/, '');
  // What a service manager runs is that one's.
  if (binary === '' || unitOf(read('group')) !== undefined) return absent;
  const user = read('user');
  if (!absolutePath.safeParse(binary).success || !account.safeParse(user).success) {
    return unknown(`the nginx that listens there can't be told: ${binary}, of ${user}`);
  }
  const directory = read('directory');
  return value({
    binary,
    arguments: nginxArguments(read('title')),
    user,
    directory: absolutePath.safeParse(directory).success ? directory : '/',
    ...(read('own') === 'yes' && { own: true }),
    atBoot: read('boot')
      .split('\n')
      .filter((one) => one !== ''),
  });
}

/** Two would want the port at boot, and whichever comes first has it. */
function conflictOf(found: string): Conflict {
  const [, file = '/etc/rc.local', number] = /^(\/[^:]*):(\d{1,9}):/.exec(found) ?? [];
  return {
    file,
    ...(number !== undefined && { line: Number(number) }),
    why: 'it starts another nginx at boot, which would take the port from nginx.service',
    hint: `${lastingEnd(file)}, then run the command again.`,
  };
}

function lastingEnd(file: string): string {
  const isUnit = file.endsWith('.service') || file.startsWith('/etc/init.d/');
  return isUnit
    ? `Disable it on the host with \`systemctl disable ${quote(path.posix.basename(file))}\``
    : `Take the line out of ${file}`;
}
