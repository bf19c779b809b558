import { absent, type Resource, type Target, value } from '../engine/resource.ts';
import { type Script, sh } from '../engine/script.ts';
import { parseSections, section } from '../platforms/sections.ts';
import { type Fields, fieldChanges } from './field-changes.ts';

/** An account, as its line in the user database has it. */
export interface UserState {
  readonly shell: string;
  /** The rest is kept as found; a system account gets its own from useradd. */
  readonly uid?: string;
  readonly gid?: string;
  readonly comment?: string;
  readonly home?: string;
}

/** A system account without a home that nobody logs in to. */
export function user({
  name,
  shell,
}: {
  readonly name: string;
  /** The login shell; the platform's `noLoginShell`. */
  readonly shell: string;
}): Resource<UserState> {
  return {
    id: `user ${name}`,
    spec: { kind: 'user', args: { name, shell } },
    desired: value({ shell }),
    // getent answers 2 for a name that isn't there; anything else is no answer.
    observe: section('user', sh`getent passwd -- ${name} || [ "$?" = 2 ]`),
    parse(output) {
      const line = parseSections(output).get('user') ?? '';
      if (line === '') return absent;
      const [, , uid = '', gid = '', comment = '', home = '', loginShell = ''] = line.split(':');
      return value({ shell: loginShell, uid, gid, comment, home });
    },
    diff: (observed, to) => fieldChanges(describe(name, observed), describe(name, to)),
    converge(from, to) {
      if (to.kind === 'absent') return sh`userdel -- ${name}`;
      if (from.kind === 'value') return sh`usermod -s ${to.value.shell} -- ${name}`;
      return create(name, to.value);
    },
  };
}

function create(name: string, { shell, uid, gid, comment, home }: UserState): Script {
  const known = [
    ...(uid === undefined ? [] : ['-u', uid]),
    ...(comment === undefined ? [] : ['-c', comment]),
    ...(home === undefined ? [] : ['-d', home]),
  ];
  const number = gid === undefined ? [] : ['-g', gid];
  return sh`getent group -- ${gid ?? name} >/dev/null || groupadd ${['-r', ...number, '--', name]}
useradd ${['-r', '-M', '-g', gid ?? name, '-s', shell, ...known, '--', name]}`;
}

function describe(name: string, state: Target<UserState>): Fields {
  if (state.kind === 'absent') return {};
  return { account: name, shell: state.value.shell };
}
