import { z } from 'zod';
import { absent, type Resource, value } from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { absolutePath, account, mode, text } from '../schemas.ts';
import {
  convergeFile,
  diffFile,
  type FileState,
  fileState,
  observeFile,
  parseFile,
  plainAttributes,
} from './file-state.ts';

/** A resource that makes a file, which services may be started with. */
export interface FileResource extends Resource<FileState> {
  readonly path: string;
}

/**
 * A file with exactly this content, mode ('0644' unless told) and owner. A symlink at its path, which is absolute, is
 * followed and stays.
 */
export const file = defineKind('file', {
  args: z.object({
    path: absolutePath,
    content: text,
    mode: mode.exactOptional(),
    owner: account.exactOptional(),
    group: account.exactOptional(),
  }),
  state: fileState,
  make: ({ path, content, ...attributes }): FileResource => ({
    ...fileAt(path),
    aim: () => value({ content, ...plainAttributes, ...attributes }),
  }),
});

/** The kind that journals name. */
export const absentFileKind = defineKind('absent-file', {
  args: z.object({ path: absolutePath }),
  state: fileState,
  make: ({ path }): FileResource => ({ ...fileAt(path), aim: () => absent }),
});

/** No file at this path. */
export function absentFile(path: string): FileResource {
  return absentFileKind({ path });
}

function fileAt(path: string): Omit<FileResource, 'aim'> {
  return {
    id: `file ${path}`,
    path,
    observe: observeFile(path),
    parse: parseFile,
    diff: diffFile,
    converge: (from, to) => convergeFile(path, to, from),
  };
}
