import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { absent, type Resource, type Target, unknown, value } from '../../engine/model/resource.ts';
import { sh } from '../../engine/model/shell/script.ts';
import { parseSections, section } from '../../platforms/sections.ts';
import { type Fields, fieldChanges } from '../field-changes.ts';
import { absolutePath, account, mode } from '../schemas.ts';
import { plainAttributes } from './file-state.ts';

export interface DirectoryState {
  /** Octal, four digits: '0755'. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** A folder; what lies in it is none of its business, so it goes only when it is empty. */
export const directory = defineKind('directory', {
  args: z.object({
    path: absolutePath,
    mode: mode.exactOptional(),
    owner: account.exactOptional(),
    group: account.exactOptional(),
  }),
  state: z.object({ mode, owner: account, group: account }),
  make: ({ path, ...attributes }): Resource<DirectoryState> => ({
    id: `directory ${path}`,
    aim: () => value({ ...plainAttributes, mode: '0755', ...attributes }),
    observe: sh`
      if [ -e ${path} ]; then
      ${section('stat', sh`stat -L -c '%a %U %G %F' -- ${path}`)}
      fi
    `,
    parse(output) {
      const stat = parseSections(output).get('stat');
      if (stat === undefined) return absent;
      const [bits = '', owner = '', group = '', ...type] = stat.split(' ');
      if (type.join(' ') !== 'directory')
        return unknown(`it is a ${type.join(' ')}, not a directory`);
      return value({ mode: bits.padStart(4, '0'), owner, group });
    },
    diff: (observed, to) => fieldChanges(describe(observed), describe(to)),
    converge(_from, to) {
      if (to.kind === 'absent') return sh`rmdir -- ${path}`;
      const { mode: bits, owner, group } = to.value;
      return sh`
        mkdir -p -- ${path}
        chown ${`${owner}:${group}`} ${path}
        chmod ${bits} ${path}
      `;
    },
  }),
});

function describe(state: Target<DirectoryState>): Fields {
  return state.kind === 'absent' ? {} : { ...state.value };
}
