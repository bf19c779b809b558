import { absent, type Resource, value } from '../../engine/model/resource.ts';
import {
  convergeFile,
  diffFile,
  type FileState,
  observeFile,
  parseFile,
  plainAttributes,
} from './file-state.ts';

export interface FileOptions {
  /** Absolute path on the host. */
  readonly path: string;
  readonly content: string;
  /** Octal, four digits; '0644' unless told. */
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
}

/** A resource that makes a file, which services may be started with. */
export interface FileResource extends Resource<FileState> {
  readonly path: string;
}

/** A file with exactly this content, mode and owner. A symlink at its path is followed and stays. */
export function file({ path, content, ...attributes }: FileOptions): FileResource {
  return {
    ...fileAt(path),
    spec: { kind: 'file', args: { path, content, ...attributes } },
    desired: value({ content, ...plainAttributes, ...attributes }),
  };
}

/** No file at this path. */
export function absentFile(path: string): FileResource {
  return {
    ...fileAt(path),
    spec: { kind: 'absent-file', args: { path } },
    desired: absent,
  };
}

function fileAt(path: string): Omit<FileResource, 'desired'> {
  return {
    id: `file ${path}`,
    path,
    observe: observeFile(path),
    parse: parseFile,
    diff: diffFile,
    converge: (_from, to) => convergeFile(path, to),
  };
}
