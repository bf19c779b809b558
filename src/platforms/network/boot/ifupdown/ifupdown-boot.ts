import { type Observed, unknown, value } from '../../../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../../../engine/model/shell/script.ts';
import { onceForAll, shellFunction } from '../../../../engine/model/shell/shared-shell.ts';
import { filledLines, parseSections, section } from '../../../sections.ts';
import { type IfupdownBoot, ifupdownViewOf, lastOption } from './ifupdown-view.ts';
import { readInterfaces, type Stanza } from './interfaces-stanzas.ts';
import { type ListedFile, parseListed, showFiles } from '../listed-files.ts';

const INTERFACES_FILE = '/etc/network/interfaces';

/** What ifupdown was found to go by. */
export interface IfupdownFiles {
  readonly files: readonly ListedFile[];
  /** What it brings up by itself, the first one first. */
  readonly auto: readonly string[];
  /** The default routes that there are now, as `ip route` prints them. */
  readonly defaults: readonly string[];
  /** Lines about default routes in scripts that are run whenever a NIC comes up. */
  readonly scripts: readonly string[];
  readonly boot: IfupdownBoot;
}

/**
 * Follows the `source` lines as ifupdown does: relative patterns begin at the folder of the file that they stand in. Each
 * function is a subshell, so that the variables of one level are not those of the next.
 */
const readSources = shellFunction(
  'lvslab_interfaces',
  trusted(`lvslab_sourced() ( # WORD PATTERN DEPTH
  IFS=
  for found in $2; do
    if [ "$1" = source ]; then
      if [ -f "$found" ]; then lvslab_interfaces "$found" "$3"; fi
      continue
    fi
    for file in "$found"/*; do
      case \${file##*/} in *[!a-zA-Z0-9_-]*) continue ;; esac
      if [ -f "$file" ]; then lvslab_interfaces "$file" "$3"; fi
    done
  done
)
lvslab_interfaces() ( # FILE DEPTH
  unset IFS
  [ "$2" -gt 0 ] || exit 0
  lvslab_show "$1"
  sed -e ':join' -e '/\\\\$/{N;s/\\\\\\n/ /;b join' -e '}' -- "$1" 2>/dev/null | while read -r word patterns; do
    case $word in source | source-dir | source-directory) ;; *) continue ;; esac
    set -f
    for pattern in $patterns; do
      set +f
      case $pattern in /*) ;; *) pattern=\${1%/*}/$pattern ;; esac
      lvslab_sourced "$word" "$pattern" $(($2 - 1))
    done
    set +f
  done
)`),
);

/**
 * Shell that prints what ifupdown would make of a NIC. Read back with `readIfupdown`. The names in its `auto` lines come in
 * the order in which they are brought up.
 */
export function observeIfupdown(device: string): Script {
  return lines(
    readOfAllNics,
    trusted('if command -v ifquery >/dev/null 2>&1; then'),
    section('reader', sh`ifquery --no-mappings ${device} 2>/dev/null`, { mayFail: true }),
    trusted('fi'),
  );
}

const readOfAllNics = onceForAll(
  'ifupdown',
  lines(
    showFiles,
    readSources,
    section('files', sh`lvslab_interfaces ${INTERFACES_FILE} 8`),
    trusted('if command -v ifquery >/dev/null 2>&1; then'),
    section('auto', trusted('ifquery --list 2>&1; ifquery --list --allow=hotplug 2>&1; :')),
    section('errors', trusted('ifquery --list 2>&1 >/dev/null || :')),
    trusted('fi'),
    section('defaults', sh`ip -4 route show default 2>/dev/null`, { mayFail: true }),
    section(
      'scripts',
      sh`
        set --
        for script in /etc/network/if-pre-up.d/* /etc/network/if-up.d/*; do
          if [ -f "$script" ] && [ -x "$script" ]; then set -- "$@" "$script"; fi
        done
        [ "$#" = 0 ] || grep -nHE -m 50 'default|0/0|0[.]0[.]0[.]0' -- "$@" || :
      `,
    ),
  ),
);

/** Reads what `observeIfupdown` printed for this device. */
export function readIfupdown(output: string, device: string): Observed<IfupdownFiles> {
  const sections = parseSections(output);
  const listed = parseListed(sections.get('files'));
  const reader = sections.get('reader');
  if (listed.kind === 'unknown') return listed;
  if (listed.kind === 'absent' || reader === undefined) return unknown('ifquery is not there');
  const [error] = filledLines(sections.get('errors'));
  if (error !== undefined) return unknown(`ifquery: ${error.slice(0, 200)}`);
  const files = listed.value;
  const auto = filledLines(sections.get('auto')).map((name) => name.trim());
  const defaults = filledLines(sections.get('defaults')).map((line) => line.trim());
  const scripts = filledLines(sections.get('scripts'));
  const own = readInterfaces(files).stanzas.filter((stanza) => stanza.device === device);
  const difference = readerDiffers(reader, own);
  if (difference !== undefined) return unknown(difference);
  const boot = ifupdownViewOf(files, { device, auto, defaults, scripts });
  return value({ files, auto, defaults, scripts, boot });
}

/** What ifupdown makes of a NIC, out of what `observeIfupdown` printed. */
export function ifupdownAtBoot(output: string, device: string): Observed<IfupdownBoot> {
  const read = readIfupdown(output, device);
  return read.kind === 'value' ? value(read.value.boot) : read;
}

/** Each address that ifquery knows must be one that was found, and the other way round. */
function readerDiffers(reader: string, stanzas: readonly Stanza[]): string | undefined {
  const told = filledLines(reader)
    .flatMap((line) => /^address: ([\d.]+)(?:\/|$)/.exec(line.trim())?.[1] ?? [])
    .toSorted();
  const read = stanzas
    .filter(({ family }) => family === 'inet')
    .flatMap(({ options }) => lastOption(options, 'address')?.value.split('/')[0] ?? [])
    .toSorted();
  if (told.join() === read.join()) return undefined;
  return `ifquery says address ${told.join(', ') || 'none'}, its files say ${read.join(', ') || 'none'}`;
}
