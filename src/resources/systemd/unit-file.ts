import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines, sh } from '../../engine/model/script.ts';
import { file, type FileResource } from '../files/file.ts';
import { fileState } from '../files/file-state.ts';
import { text, unitName } from '../schemas.ts';

/** A unit of systemd's, 'nginx.service', in /etc/systemd/system, which systemd is told to read again when it changes. */
export const unitFile = defineKind('unit-file', {
  args: z.object({ name: unitName, content: text }),
  state: fileState,
  make({ name, content }): FileResource {
    const base = file({ path: `/etc/systemd/system/${name}`, content });
    const readAgain = sh`systemctl daemon-reload`;
    return { ...base, converge: (from, to) => lines(base.converge(from, to), readAgain) };
  },
});
