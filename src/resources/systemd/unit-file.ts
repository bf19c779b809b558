import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { unknown } from '../../engine/model/resource.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { parseSections, sayFunction } from '../../platforms/sections.ts';
import { file, type FileResource } from '../files/file.ts';
import { fileState } from '../files/file-state.ts';
import { text, unitName } from '../schemas.ts';

/**
 * A unit of systemd's, 'nginx.service', in /etc/systemd/system, which systemd is told to read again when it changes. One that
 * somebody has masked there is refused: they did not want it to run, and a link to /dev/null can't be written to.
 */
export const unitFile = defineKind('unit-file', {
  args: z.object({ name: unitName, content: text }),
  state: fileState,
  make({ name, content }): FileResource {
    const path = `/etc/systemd/system/${name}`;
    const base = file({ path, content });
    const readAgain = sh`systemctl daemon-reload`;
    return {
      ...base,
      observe: sh`
        if [ -c ${path} ] && [ "$(readlink -f -- ${path})" = /dev/null ]; then
          ${sayFunction}
          lvslab_say masked /dev/null
        else
          ${base.observe}
        fi
      `,
      parse: (output) =>
        parseSections(output).has('masked')
          ? unknown(
              `${name} is masked: its unit file ${path} is a link to /dev/null`,
              `If it may run, lift that on the host with \`systemctl unmask ${name}\`, then run the command again.`,
            )
          : base.parse(output),
      converge: (from, to) => lines(base.converge(from, to), readAgain),
    };
  },
});
