import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { PlaybookError } from '../../engine/model/errors.ts';
import { absent, type Resource, type Target, unknown, value } from '../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../engine/model/script.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import { renderTemplate } from '../../templates.ts';
import { fieldChanges } from '../field-changes.ts';
import { line as oneLine, text } from '../schemas.ts';
import {
  convergeFile,
  diffFile,
  type FileState,
  fileState,
  observeFile,
  parseFile,
  plainAttributes,
} from '../files/file-state.ts';

/** A kernel setting: what it is now, and the file of ours that sets it at boot. */
interface SysctlState {
  readonly runtime: string;
  /** Not set where there is no such file. */
  readonly file?: FileState;
  /** Lines of other files that set the same key, as 'FILE:LINE'. */
  readonly elsewhere: readonly string[];
}

/** 'net.ipv4.ip_forward'. */
const KEY = /^[a-z0-9_]+(\.[\w-]+)+$/;

/**
 * A kernel setting, now and after every boot, in a file of its own that is read last.
 * @throws PlaybookError when the key can't be one.
 */
export const sysctl = defineKind('sysctl', {
  args: z.object({
    key: z.string().regex(KEY, 'must be a kernel setting'),
    value: oneLine,
  }),
  state: z.object({
    runtime: text,
    elsewhere: z.array(oneLine),
    file: fileState.exactOptional(),
  }),
  make: settingResource,
});

function settingResource({
  key,
  value: setting,
}: {
  readonly key: string;
  readonly value: string;
}): Resource<SysctlState> {
  const runtimePath = runtimePathOf(key);
  const filePath = `/etc/sysctl.d/99-zz-lvslab-${key}.conf`;
  const content = renderTemplate('sysctl.conf.hbs', { key, value: setting });
  return {
    id: `sysctl ${key}`,
    aim: () => value({ runtime: setting, file: { content, ...plainAttributes }, elsewhere: [] }),
    observe: lines(
      sh`if [ -e ${runtimePath} ]; then`,
      section('runtime', sh`cat ${runtimePath}`),
      section('elsewhere', linesElsewhere(key, filePath)),
      trusted('fi'),
      observeFile(filePath),
    ),
    parse(output) {
      const sections = parseSections(output);
      const file = parseFile(output);
      if (file.kind === 'unknown') return file;
      const runtime = sections.get('runtime');
      if (runtime === undefined) {
        return file.kind === 'absent' ? absent : unknown(`the kernel has no ${key}`);
      }
      return value({
        // Several numbers in one setting are parted by tabs.
        runtime: runtime.replaceAll('\t', ' '),
        elsewhere: filledLines(sections.get('elsewhere')),
        ...(file.kind === 'value' && { file: file.value }),
      });
    },
    diff: (observed, to) => [
      ...fieldChanges({ runtime: runtimeOf(observed) }, { runtime: runtimeOf(to) }),
      ...diffFile(fileOf(observed), fileOf(to)).map((change) => ({
        ...change,
        field: change.field === 'content' ? filePath : `${filePath}: ${change.field}`,
      })),
    ],
    converge: (from, to) =>
      lines(
        to.kind === 'absent' || runtimeOf(from) === to.value.runtime
          ? undefined
          : sh`printf '%s\n' ${to.value.runtime} >${runtimePath}`,
        diffFile(fileOf(from), fileOf(to)).length === 0
          ? undefined
          : convergeFile(filePath, fileOf(to)),
      ),
    notice(observed) {
      const contrary = observed.kind === 'absent' ? [] : observed.value.elsewhere;
      const others = contrary.filter((line) => line.split('=').at(-1)?.trim() !== setting);
      return others.length === 0
        ? undefined
        : `${key} is also set otherwise elsewhere, which 'sysctl --system' may prefer: ${others.join(', ')}`;
    },
  };
}

function runtimePathOf(key: string): string {
  if (!KEY.test(key)) {
    throw new PlaybookError(`'${key}' is no kernel setting`, {
      hint: "A key is words with dots between them: 'net.ipv4.ip_forward'.",
    });
  }
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}

/** Both spellings of the key are in use: with dots and with slashes. */
function linesElsewhere(key: string, ownFile: string): Script {
  const pattern = `^[[:space:]]*-?${key.replaceAll('.', '[./]')}[[:space:]]*=`;
  return sh`grep -EHs -e ${pattern} /etc/sysctl.conf /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf | grep -vF -e ${`${ownFile}:`} || :`;
}

function runtimeOf(state: Target<SysctlState>): string | undefined {
  return state.kind === 'absent' ? undefined : state.value.runtime;
}

function fileOf(state: Target<SysctlState>): Target<FileState> {
  return state.kind === 'absent' || state.value.file === undefined
    ? absent
    : value(state.value.file);
}
