import { z } from 'zod';
import { type Conflict } from '../../engine/model/conflict.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { askedUnit } from '../../platforms/many-units.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import { absolutePath, line as oneLine } from '../schemas.ts';
import { filesThatCount } from './drop-in-folders.ts';

/** Earlier ones hide what has the same name in later ones. */
const FOLDERS = [
  ...['/etc/modprobe.d', '/run/modprobe.d', '/usr/local/lib/modprobe.d'],
  ...['/usr/lib/modprobe.d', '/lib/modprobe.d'],
] as const;

const MOST_BYTES = 500_000;

const LOADER = 'systemd-modules-load.service';

/** The shape in a journal. */
export const moduleObstacles = z.array(
  z.object({ file: absolutePath, line: z.int().min(1).exactOptional(), why: oneLine }),
);

/** What keeps a boot from loading a module that a file of ours names. */
export type ModuleObstacle = Omit<Conflict, 'hint'>;

/**
 * Shell that prints what decides whether a boot loads a module. A container can load none, and what is built in is there.
 * Read back with `parseModuleBoot`.
 */
export function observeModuleBoot(name: string): Script {
  const file = `${name.replaceAll(/[-_]/g, '[-_]')}\\.ko`;
  const [depends, builtIn] = [`s/^[^:]*\\/${file}[^:]*://p`, `/${file}`];
  const listed = lines(...FOLDERS.map((folder) => sh`set -- "$@" ${folder}/*.conf`));
  return lines(
    section(
      'modules',
      sh`
        modules=/lib/modules/$(uname -r)
        if [ -d "$modules" ] && ! systemd-detect-virt -cq && ! grep -qs -e ${builtIn} "$modules/modules.builtin"; then
          echo here
        fi
      `,
    ),
    section(
      'depends',
      sh`sed -n ${depends} "/lib/modules/$(uname -r)/modules.dep" 2>/dev/null || :`,
    ),
    section(
      'configuration files',
      sh`
        set --
        ${listed}
        for file; do
          if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\n' "$file"; fi
        done
      `,
    ),
    section(
      'configuration',
      sh`
        set --
        ${listed}
        grep -anHs -d skip -D skip -E -e '^[[:space:]]*(blacklist|install)[[:space:]]' -- "$@" </dev/null |
          head -c ${MOST_BYTES} || :
      `,
    ),
    section('command line', sh`cat /proc/cmdline 2>/dev/null`, { mayFail: true }),
    sh`
      ${askedUnit(LOADER)}
      lvslab_enabled ${LOADER}
      lvslab_say loader "$lvslab_enabled"
    `,
  );
}

/** Reads what `observeModuleBoot` printed. */
export function parseModuleBoot(name: string, output: string): readonly ModuleObstacle[] {
  const sections = parseSections(output);
  if (sections.get('modules')?.trim() !== 'here') return [];
  const needed = (sections.get('depends') ?? '')
    .split(/\s+/)
    .map((path) => /([^/]+?)\.ko(\.\w+)?$/.exec(path)?.[1] ?? '')
    .filter((one) => one !== '');
  const counted = filesThatCount(filledLines(sections.get('configuration files')), FOLDERS);
  return [
    ...(sections.get('loader')?.trim() === 'masked'
      ? [
          {
            file: '/etc/systemd/system/systemd-modules-load.service',
            why: `it is masked, so no boot loads ${name}`,
          },
        ]
      : []),
    ...filledLines(sections.get('configuration')).flatMap((printed) =>
      fromConfiguration(printed, { name, needed, counted }),
    ),
    ...fromCommandLine(name, sections.get('command line') ?? ''),
  ];
}

/** The hint for a person. */
export function moduleConflict(obstacle: ModuleObstacle): Conflict {
  const { file, line } = obstacle;
  if (line !== undefined) return { ...obstacle, hint: `Take line ${line} out of ${file}.` };
  const hint =
    file === '/proc/cmdline'
      ? "Take it out of the boot loader's configuration, and reboot."
      : 'Unmask it with `systemctl unmask systemd-modules-load.service`.';
  return { ...obstacle, hint };
}

/** A module has one name with dashes and underscores. */
function sameModule(one: string, other: string): boolean {
  return one.replaceAll('-', '_') === other.replaceAll('-', '_');
}

interface ModuleFiles {
  readonly name: string;
  /** Modules that it needs. */
  readonly needed: readonly string[];
  /** The files that are read. */
  readonly counted: readonly string[];
}

function fromConfiguration(printed: string, known: ModuleFiles): readonly ModuleObstacle[] {
  const [, file = '', number, verb, named = '', rest = ''] =
    /^(\/[^:]*):(\d+):\s*(\w+)\s+(\S+)\s*(.*)$/.exec(printed) ?? [];
  if (!known.counted.includes(file)) return [];
  const why =
    verb === 'blacklist' ? whyOfBlacklist(named, known) : whyOfInstall(named, rest, known);
  return why === undefined ? [] : [{ file, line: Number(number), why }];
}

function whyOfBlacklist(named: string, { name }: ModuleFiles): string | undefined {
  return sameModule(named, name) ? `it keeps ${name} from being loaded at boot` : undefined;
}

function whyOfInstall(
  named: string,
  command: string,
  { name, needed }: ModuleFiles,
): string | undefined {
  const module = [name, ...needed].find((one) => sameModule(one, named));
  // What loads the module itself, and does something beside.
  if (module === undefined || /(^|\s)(--ignore-install|-\w*i\w*)(\s|$)/.test(command))
    return undefined;
  const what = module === name ? name : `${module}, which ${name} needs`;
  return `it has '${command.trim()}' run in place of loading ${what}`;
}

function fromCommandLine(name: string, text: string): readonly ModuleObstacle[] {
  return text.split(/\s+/).flatMap((word) => {
    const [, names = ''] = /^(?:modprobe\.blacklist|module_blacklist)=(.*)$/.exec(word) ?? [];
    if (!names.split(',').some((one) => sameModule(one, name))) return [];
    return [{ file: '/proc/cmdline', why: `'${word}' keeps ${name} from being loaded at boot` }];
  });
}
