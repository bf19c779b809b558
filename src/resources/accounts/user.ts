import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { absent, type Resource, type Target, value } from '../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { parseSections, section } from '../../platforms/sections.ts';
import { absolutePath, account, line } from '../schemas.ts';
import { type Fields, fieldChanges } from '../field-changes.ts';

/** An account, as its line in the user database has it, or only the group of its name where there is no account. */
export interface UserState {
  /** Not set where there is no account. */
  readonly shell?: string;
  /** The rest is kept as found; a system account gets its own from useradd. */
  readonly uid?: string;
  readonly gid?: string;
  readonly comment?: string;
  readonly home?: string;
  /** The number of the group of the account's name, where there is one. */
  readonly ownGroup?: string;
}

/** A system account without a home that nobody logs in to; its `shell` is the platform's `noLoginShell`. */
export const user = defineKind('user', {
  args: z.object({ name: account, shell: absolutePath }),
  state: z.object({
    shell: line.exactOptional(),
    uid: line.exactOptional(),
    gid: line.exactOptional(),
    comment: line.exactOptional(),
    home: line.exactOptional(),
    ownGroup: line.exactOptional(),
  }),
  make: ({ name, shell }): Resource<UserState> => ({
    id: `user ${name}`,
    aim: () => value({ shell }),
    // getent answers 2 for a name that isn't there; anything else is no answer.
    observe: lines(
      section('user', sh`getent passwd -- ${name} || [ "$?" = 2 ]`),
      section('group', sh`getent group -- ${name} || [ "$?" = 2 ]`),
    ),
    parse(output) {
      const sections = parseSections(output);
      const [, , ownGroup] = (sections.get('group') ?? '').split(':');
      const group = ownGroup === undefined ? {} : { ownGroup };
      const account = parseAccount(sections.get('user') ?? '');
      if (account === undefined && ownGroup === undefined) return absent;
      return value({ ...account, ...group });
    },
    diff: (observed, to) => fieldChanges(describe(name, observed, to), describe(name, to, to)),
    converge(from, to) {
      const wanted = accountOf(to);
      if (wanted === undefined) return remove(name, from, to);
      if (accountOf(from) !== undefined) return sh`usermod -s ${wanted.shell} -- ${name}`;
      return create(name, wanted);
    },
  }),
});

function parseAccount(entry: string): UserState | undefined {
  if (entry === '') return undefined;
  const [, , uid = '', gid = '', comment = '', home = '', shell = ''] = entry.split(':');
  return { shell, uid, gid, comment, home };
}

interface Account extends UserState {
  readonly shell: string;
}

function accountOf(state: Target<UserState>): Account | undefined {
  if (state.kind === 'absent') return undefined;
  const { shell, ...others } = state.value;
  return shell === undefined ? undefined : { shell, ...others };
}

function ownGroupOf(state: Target<UserState>): string | undefined {
  return state.kind === 'absent' ? undefined : state.value.ownGroup;
}

function create(name: string, { shell, uid, gid, comment, home }: Account): Script {
  const known = [
    ...(uid === undefined ? [] : ['-u', uid]),
    ...(comment === undefined ? [] : ['-c', comment]),
    ...(home === undefined ? [] : ['-d', home]),
  ];
  const number = gid === undefined ? [] : ['-g', gid];
  return sh`
    getent group -- ${gid ?? name} >/dev/null || groupadd ${['-r', ...number, '--', name]}
    useradd ${['-r', '-M', '-g', gid ?? name, '-s', shell, ...known, '--', name]}
  `;
}

/** userdel takes the group of the account's name along or leaves it, as /etc/login.defs has it. */
function remove(name: string, from: Target<UserState>, to: Target<UserState>): Script {
  const hasAccount = accountOf(from) !== undefined;
  const groupBefore = ownGroupOf(to);
  if (groupBefore === undefined) {
    return lines(
      hasAccount ? sh`userdel -- ${name}` : undefined,
      sh`if getent group -- ${name} >/dev/null; then groupdel -- ${name}; fi`,
    );
  }
  const removeAccount = sh`
    ## Of a group that is not the account's primary one, userdel keeps its hands off.
    usermod -g 0 -- ${name}
    userdel -- ${name}
  `;
  return lines(
    hasAccount ? removeAccount : undefined,
    sh`getent group -- ${name} >/dev/null || groupadd ${['-g', groupBefore, '--', name]}`,
  );
}

/** The group counts only where it is to be there, or to go, without the account. */
function describe(name: string, state: Target<UserState>, to: Target<UserState>): Fields {
  const account = accountOf(state);
  const group = accountOf(to) === undefined ? ownGroupOf(state) : undefined;
  // An account's own group goes with it, which needs no mention.
  const isTold = group !== undefined && (account === undefined || ownGroupOf(to) !== undefined);
  return {
    ...(account !== undefined && { account: name, shell: account.shell }),
    ...(isTold && { group }),
  };
}
