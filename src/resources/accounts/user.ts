import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import {
  absent,
  type Past,
  type Resource,
  type Target,
  value,
} from '../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { filledLines, parseSections, sayFunction } from '../../platforms/sections.ts';
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
  /**
   * The files that tell of a change of accounts that was cut off: those that lack an entry which its public half has
   * (`shadow`, `gshadow`), and those that were being written (`passwd+` …). Not set where there are none.
   */
  readonly halves?: readonly string[];
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
    halves: z.array(line).readonly().exactOptional(),
  }),
  make: ({ name, shell }): Resource<UserState> => ({
    id: `user ${name}`,
    aim: (found, past) => withHalvesOf(found, past, value({ shell })),
    undo: { aim: (found, past) => withHalvesOf(found, past, past.before) },
    observe: lines(
      entrySection('user', sh`getent passwd -- ${name}`),
      entrySection('group', sh`getent group -- ${name}`),
      halvesSection(name),
    ),
    parse(output) {
      const sections = parseSections(output);
      const [, , ownGroup] = (sections.get('group') ?? '').split(':');
      const group = ownGroup === undefined ? {} : { ownGroup };
      const account = parseAccount(sections.get('user') ?? '');
      const halves = filledLines(sections.get('halves') ?? '');
      return unlessEmpty({ ...account, ...group, ...(halves.length > 0 && { halves }) });
    },
    diff: (observed, to) => fieldChanges(describe(name, observed, to), describe(name, to, to)),
    converge(from, to) {
      const wanted = accountOf(to);
      const halves = halvesOf(from).filter((one) => !halvesOf(to).includes(one));
      if (wanted === undefined) return lines(remove(name, from, to), clear(halves));
      if (halves.length > 0) return createAnew(name, { from, wanted, halves });
      if (accountOf(from) !== undefined) return sh`usermod -s ${wanted.shell} -- ${name}`;
      return create(name, wanted);
    },
  }),
});

/** The public file of each kind of entry, and the one that keeps its secrets. */
const PAIRS = [
  ['passwd', 'shadow'],
  ['group', 'gshadow'],
] as const;

/** getent answers 2 for a name that isn't there; anything else is no answer. */
function entrySection(name: string, getent: Script): Script {
  return sh`
    ${sayFunction}
    lvslab_out=$(${getent}) || [ "$?" = 2 ] || exit
    lvslab_say ${name} "$lvslab_out"
  `;
}

/** shadow-utils write each file beside, and give it its name at the end. */
function halvesSection(name: string): Script {
  const temporary = PAIRS.flat().map((file) => `${file}+`);
  return lines(
    sayFunction,
    // No program is started for it: this is asked of each host at each time.
    sh`
      lvslab_lists() {
        while IFS=: read -r lvslab_entry _; do
          if [ "$lvslab_entry" = ${name} ]; then return 0; fi
        done <"$1"
        return 1
      }
      lvslab_said=
    `,
    ...PAIRS.map(
      ([open, closed]) => sh`
        if [ -e ${`/etc/${closed}`} ] && lvslab_lists ${`/etc/${open}`}; then
          lvslab_lists ${`/etc/${closed}`} || lvslab_said=${closed}$lvslab_newline$lvslab_said
        fi
      `,
    ),
    sh`
      for lvslab_file in ${temporary}; do
        if [ -e "/etc/$lvslab_file" ]; then lvslab_said=$lvslab_said$lvslab_file$lvslab_newline; fi
      done
      lvslab_say halves "$lvslab_said"
    `,
  );
}

function halvesOf(state: Target<UserState>): readonly string[] {
  return state.kind === 'absent' ? [] : (state.value.halves ?? []);
}

/** What others have left like that stays, in an account of theirs as well; only a creation of ours that was cut off is finished. */
function withHalvesOf(
  found: Target<UserState>,
  past: Past<UserState> | undefined,
  wanted: Target<UserState>,
): Target<UserState> {
  const isOurs = past?.unmade === true && accountOf(past.before) === undefined;
  const stay = isOurs ? [] : halvesOf(found);
  const { halves, ...rest } = wanted.kind === 'absent' ? { halves: [] } : wanted.value;
  if (stay.length > 0) return value({ ...rest, halves: stay });
  return halves === undefined ? wanted : unlessEmpty(rest);
}

function unlessEmpty(state: UserState): Target<UserState> {
  return Object.keys(state).length === 0 ? absent : value(state);
}

/** Of an account that is there by half, the whole is made anew, with the numbers that its files may have by now. */
function createAnew(
  name: string,
  {
    from,
    wanted,
    halves,
  }: {
    readonly from: Target<UserState>;
    readonly wanted: Account;
    readonly halves: readonly string[];
  },
): Script {
  const known = accountOf(from);
  const lacksEntry = PAIRS.some(([, closed]) => halves.includes(closed));
  if (!lacksEntry && known !== undefined) {
    return lines(clear(halves), sh`usermod -s ${wanted.shell} -- ${name}`);
  }
  const gid = known?.gid ?? ownGroupOf(from);
  return lines(
    known === undefined ? undefined : sh`userdel -- ${name}`,
    halves.includes('gshadow')
      ? sh`if getent group -- ${name} >/dev/null; then groupdel -- ${name}; fi`
      : undefined,
    clear(halves),
    create(name, { ...known, shell: wanted.shell, ...(gid !== undefined && { gid }) }),
  );
}

/** What was being written is of no use to anybody. */
function clear(halves: readonly string[]): Script | undefined {
  const files = halves.filter((half) => half.endsWith('+')).map((half) => `/etc/${half}`);
  return files.length === 0 ? undefined : sh`rm -f -- ${files}`;
}

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
    ...(halvesOf(state).length > 0 && { 'left by half': halvesOf(state).join(', ') }),
  };
}
