import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { projectPath } from '../../project-files.ts';
import { type RootFile } from './recipes/image-recipe.ts';

const templates = projectPath('templates/embedded');

/** The files of a folder of templates/embedded/, to be laid out alike below `target`; programs can be executed. */
export function packagedFiles(folder: string, target: string): readonly RootFile[] {
  const source = path.join(templates, folder);
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((file) => readRootFile(file, path.join(target, path.relative(source, file))));
}

/** The mode is told by the content, because neither git nor npm can be trusted to carry it. */
function readRootFile(file: string, inside: string): RootFile {
  const content = readFileSync(file, 'utf8');
  return { path: inside, mode: content.startsWith('#!') ? 0o755 : 0o644, content };
}
