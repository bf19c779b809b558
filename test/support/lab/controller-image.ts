import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { type Script } from '../../../src/engine/model/shell/script.ts';
import { type ImageRecipe } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { systemTools } from '../../../src/embedded/machine/system-tools.ts';

/** What Node.js is linked with. */
const LINKED_WITH_NODE: readonly string[] = ['libstdc++6', 'libatomic1'];

/** A flavour as a person's machine: what Node.js needs is there, and the programs that lvslab runs. */
export function asController(recipe: ImageRecipe): ImageRecipe {
  const programs = systemTools.flatMap(({ packages }) => packages.apt ?? []);
  return { ...recipe, include: [...recipe.include, ...programs, ...LINKED_WITH_NODE] };
}

/** Where such a machine has the project, and where its npm packages are to be put. */
export const PROJECT = '/opt/lvslab';
export const PACKAGES = `${PROJECT}/node_modules`;

const SCRIPT = '/opt/machine-script';

const unit = `[Unit]
Description=What the test does on this machine

[Service]
ExecStart=/bin/sh ${SCRIPT}
`;

/**
 * Lays out below a folder what makes a root file system such a machine: Node.js, the project without its npm packages, and a
 * script that runs once it has booted.
 */
export function layOutController(
  root: string,
  {
    project,
    script,
    files = {},
  }: {
    /** The project's folder on this machine. */
    readonly project: string;
    readonly script: Script;
    /** More files: absolute path inside, and text. */
    readonly files?: Readonly<Record<string, string>>;
  },
): void {
  const inside = (file: string): string => {
    const target = path.join(root, file);
    mkdirSync(path.dirname(target), { recursive: true });
    return target;
  };
  cpSync(process.execPath, inside('/usr/local/bin/node'));
  chmodSync(inside('/usr/local/bin/node'), 0o755);
  const skipped = ['.git', 'node_modules', 'test'].map((name) => path.join(project, name));
  cpSync(project, inside(PROJECT), {
    recursive: true,
    filter: (source) => !skipped.includes(source),
  });
  const texts = { [SCRIPT]: `${script.text}\n`, '/etc/hostname': 'machine\n', ...files };
  for (const [file, text] of Object.entries(texts)) writeFileSync(inside(file), text);
  writeFileSync(inside('/etc/systemd/system/lvslab-machine.service'), unit);
  const wants = inside('/etc/systemd/system/multi-user.target.wants/lvslab-machine.service');
  symlinkSync('../lvslab-machine.service', wants);
}
