import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { file, type FileResource } from '../files/file.ts';
import { fileState } from '../files/file-state.ts';
import { text, unitName } from '../schemas.ts';

/**
 * Settings of our own for somebody else's unit: NAME.conf in the folder of its drop-ins in /etc/systemd/system, which has
 * to be there. systemd is told to read them when they change.
 */
export const unitDropIn = defineKind('unit-drop-in', {
  args: z.object({ unit: unitName, name: unitName, content: text }),
  state: fileState,
  make({ unit, name, content }): FileResource {
    const base = file({ path: `${dropInFolder(unit)}/${name}.conf`, content });
    return {
      ...base,
      converge: (from, to) => lines(base.converge(from, to), sh`systemctl daemon-reload`),
    };
  },
});

/** Where the drop-ins of a unit lie that are the administrator's. */
export function dropInFolder(unit: string): string {
  return `/etc/systemd/system/${unit}.d`;
}
