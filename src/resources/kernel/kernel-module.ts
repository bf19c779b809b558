import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { PlaybookError } from '../../engine/model/failures/errors.ts';
import { absent, type Resource, type Target, value } from '../../engine/model/resource.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import {
  moduleConflict,
  type ModuleObstacle,
  moduleObstacles,
  observeModuleBoot,
  parseModuleBoot,
} from './module-boot.ts';
import { renderTemplate } from '../../templates.ts';
import { type Fields, fieldChanges } from '../field-changes.ts';
import { absolutePath, line } from '../schemas.ts';
import {
  convergeFile,
  diffFile,
  type FileState,
  fileState,
  observeFile,
  parseFile,
  plainAttributes,
} from '../files/file-state.ts';

/** A kernel module now, and the file of ours that has it loaded at boot. */
export interface KernelModuleState {
  /** It is there, loaded or built in. */
  readonly present: boolean;
  /** What is loaded of it and of the modules named after it (ip_vs_wrr), the dependent ones first. */
  readonly loaded: readonly string[];
  readonly file?: FileState;
  /** What keeps a boot from loading it; not set where nothing does. */
  readonly against?: readonly ModuleObstacle[];
}

/**
 * A kernel module, loaded now and at every boot; what of others would keep a boot from it is a conflict. `evidence` is a
 * file that is there as soon as the kernel can do what the module is for; in a container it is all one sees.
 * @throws PlaybookError when the name can't be one.
 */
export const kernelModule = defineKind('kernel-module', {
  args: z.object({
    name: z.string().regex(/^\w+$/, 'must be the name of a kernel module'),
    evidence: absolutePath,
  }),
  state: z.object({
    present: z.boolean(),
    loaded: z.array(line),
    file: fileState.exactOptional(),
    against: moduleObstacles.exactOptional(),
  }),
  make: moduleResource,
});

function moduleResource({
  name,
  evidence,
}: {
  readonly name: string;
  readonly evidence: string;
}): Resource<KernelModuleState> {
  if (!/^\w+$/.test(name)) throw new PlaybookError(`'${name}' is no name of a kernel module`);
  const filePath = `/etc/modules-load.d/lvslab-${name}.conf`;
  const content = renderTemplate('modules-load.conf.hbs', { module: name });
  return {
    id: `kernel module ${name}`,
    aim: (found) =>
      value({
        present: true,
        loaded: [name],
        file: { content, ...plainAttributes },
        ...obstaclesOf(found),
      }),
    observe: lines(
      section('present', sh`if [ -e ${evidence} ]; then echo yes; else echo no; fi`),
      // The kernel lists the newest first, so what depends on a module comes before it.
      section(
        'loaded',
        sh`sed -n ${`s/^\\(${name}\\(_[a-z0-9_]*\\)\\{0,1\\}\\) .*/\\1/p`} /proc/modules 2>/dev/null || :`,
      ),
      observeModuleBoot(name),
      observeFile(filePath),
    ),
    parse(output) {
      const sections = parseSections(output);
      const file = parseFile(output);
      if (file.kind === 'unknown') return file;
      const present = sections.get('present') === 'yes';
      const against = parseModuleBoot(name, output);
      if (!present && file.kind === 'absent' && against.length === 0) return absent;
      return value({
        present,
        loaded: filledLines(sections.get('loaded')),
        ...(file.kind === 'value' && { file: file.value }),
        ...(against.length > 0 && { against }),
      });
    },
    conflicts: (found) => (obstaclesOf(found).against ?? []).map(moduleConflict),
    diff: (observed, to) => fieldChanges(describe(observed), describe(to)),
    converge(from, to) {
      const filesDiffer = diffFile(fileOf(from), fileOf(to)).length > 0;
      return lines(
        isPresent(to) && !isPresent(from) ? sh`modprobe -- ${name}` : undefined,
        isPresent(from) && !isPresent(to) ? unload(from) : undefined,
        filesDiffer ? convergeFile(filePath, fileOf(to), fileOf(from)) : undefined,
      );
    },
  };
}

function obstaclesOf(found: Target<KernelModuleState>): Pick<KernelModuleState, 'against'> {
  const against = found.kind === 'value' ? found.value.against : undefined;
  return against === undefined ? {} : { against };
}

function unload(from: Target<KernelModuleState>) {
  const loaded = from.kind === 'absent' ? [] : from.value.loaded;
  return loaded.length === 0 ? undefined : sh`modprobe -r -- ${loaded}`;
}

function isPresent(state: Target<KernelModuleState>): boolean {
  return state.kind === 'value' && state.value.present;
}

function fileOf(state: Target<KernelModuleState>): Target<FileState> {
  return state.kind === 'absent' || state.value.file === undefined
    ? absent
    : value(state.value.file);
}

function describe(state: Target<KernelModuleState>): Fields {
  const file = fileOf(state);
  return {
    now: isPresent(state) ? 'there' : undefined,
    'at boot': file.kind === 'absent' ? undefined : file.value.content,
  };
}
