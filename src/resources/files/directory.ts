import { absent, type Resource, type Target, unknown, value } from '../../engine/model/resource.ts';
import { lines, sh, trusted } from '../../engine/model/script.ts';
import { parseSections, section } from '../../platforms/sections.ts';
import { type Fields, fieldChanges } from '../field-changes.ts';
import { plainAttributes } from './file-state.ts';

export interface DirectoryState {
  /** Octal, four digits: '0755'. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** A folder; what lies in it is none of its business, so it goes only when it is empty. */
export function directory({
  path,
  ...attributes
}: { readonly path: string } & Partial<DirectoryState>): Resource<DirectoryState> {
  return {
    id: `directory ${path}`,
    spec: { kind: 'directory', args: { path, ...attributes } },
    desired: value({ ...plainAttributes, mode: '0755', ...attributes }),
    observe: lines(
      sh`if [ -e ${path} ]; then`,
      section('stat', sh`stat -L -c '%a %U %G %F' -- ${path}`),
      trusted('fi'),
    ),
    parse(output) {
      const stat = parseSections(output).get('stat');
      if (stat === undefined) return absent;
      const [mode = '', owner = '', group = '', ...type] = stat.split(' ');
      if (type.join(' ') !== 'directory')
        return unknown(`it is a ${type.join(' ')}, not a directory`);
      return value({ mode: mode.padStart(4, '0'), owner, group });
    },
    diff: (observed, to) => fieldChanges(describe(observed), describe(to)),
    converge(_from, to) {
      if (to.kind === 'absent') return sh`rmdir -- ${path}`;
      const { mode, owner, group } = to.value;
      return sh`mkdir -p -- ${path}; chown ${`${owner}:${group}`} ${path}; chmod ${mode} ${path}`;
    },
  };
}

function describe(state: Target<DirectoryState>): Fields {
  return state.kind === 'absent' ? {} : { ...state.value };
}
