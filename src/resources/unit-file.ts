import { type Resource } from '../engine/resource.ts';
import { lines, trusted } from '../engine/script.ts';
import { type FileState } from './file-state.ts';
import { file } from './file.ts';

/** A unit of systemd's in /etc/systemd/system, which systemd is told to read again when it changes. */
export function unitFile({
  name,
  content,
}: {
  /** 'nginx.service'. */
  readonly name: string;
  readonly content: string;
}): Resource<FileState> {
  const base = file({ path: `/etc/systemd/system/${name}`, content });
  return {
    ...base,
    converge: (from, to) => lines(base.converge(from, to), trusted('systemctl daemon-reload')),
  };
}
