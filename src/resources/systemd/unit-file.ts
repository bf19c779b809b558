import { lines, trusted } from '../../engine/model/script.ts';
import { file, type FileResource } from '../files/file.ts';

/** A unit of systemd's in /etc/systemd/system, which systemd is told to read again when it changes. */
export function unitFile({
  name,
  content,
}: {
  /** 'nginx.service'. */
  readonly name: string;
  readonly content: string;
}): FileResource {
  const base = file({ path: `/etc/systemd/system/${name}`, content });
  return {
    ...base,
    spec: { kind: 'unit-file', args: { name, content } },
    converge: (from, to) => lines(base.converge(from, to), trusted('systemctl daemon-reload')),
  };
}
