import path from 'node:path';
import { absent, type Resource, value } from '../../src/engine/model/resource.ts';
import { type Script, sh, trusted } from '../../src/engine/model/shell/script.ts';

/** A file with one line in it, made by a real shell on this machine. */
export function note(file: string, text: string, more: Script = trusted('')): Resource {
  const resource: Resource<string> = {
    id: `note ${path.basename(file)}`,
    aim: () => value(text),
    observe: sh`if [ -e ${file} ]; then printf 'is %s' "$(cat ${file})"; fi`,
    parse: (output) => (output === '' ? absent : value(output.slice(3))),
    diff: (observed, to) =>
      JSON.stringify(observed) === JSON.stringify(to) ? [] : [{ field: 'text', to: text }],
    converge: () => sh`${more}
printf '%s\n' ${text} >${file}`,
  };
  return resource;
}
