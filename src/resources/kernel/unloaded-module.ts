import { z } from 'zod';
import { type Resource, type Target, value } from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { filledLines } from '../../platforms/sections.ts';
import { listChanges } from '../field-changes.ts';
import { line } from '../schemas.ts';

/** What is loaded of a module and of those named after it (ip_vs_wrr), the dependent ones first. */
interface LoadedModules {
  readonly loaded: readonly string[];
}

/** A kernel module that is not loaded for now; what a boot makes of it stays as it is. */
export const unloadedModule = defineKind('unloaded-module', {
  args: z.object({ name: z.string().regex(/^\w+$/, 'must be the name of a kernel module') }),
  state: z.object({ loaded: z.array(line).readonly() }),
  make: ({ name }): Resource<LoadedModules> => ({
    id: `unloaded module ${name}`,
    observe: sh`sed -n ${`s/^\\(${name}\\(_[a-z0-9_]*\\)\\{0,1\\}\\) .*/\\1/p`} /proc/modules 2>/dev/null || :`,
    parse: (output) => value({ loaded: filledLines(output).map((one) => one.trim()) }),
    aim: () => value({ loaded: [] }),
    diff: (from, to) => {
      const { lost, gained } = listChanges(loadedOf(from), loadedOf(to));
      if (lost.length + gained.length === 0) return [];
      return [
        {
          field: '',
          ...(lost.length > 0 && { from: lost.join(' ') }),
          ...(gained.length > 0 && { to: gained.join(' ') }),
        },
      ];
    },
    converge: (from, to) => {
      const { lost, gained } = listChanges(loadedOf(from), loadedOf(to));
      return lines(
        lost.length === 0 ? undefined : sh`modprobe -r -- ${lost}`,
        gained.length === 0 ? undefined : sh`modprobe -a -- ${gained.toReversed()}`,
      );
    },
  }),
});

function loadedOf(state: Target<LoadedModules>): readonly string[] {
  return state.kind === 'absent' ? [] : state.value.loaded;
}
