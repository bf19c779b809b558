import { type Observed, unknown, value } from '../../../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../../../engine/model/shell/script.ts';
import { onceForAll, shellFunction } from '../../../../engine/model/shell/shared-shell.ts';
import { filledLines, parseSections, section } from '../../../sections.ts';
import { type Place } from '../boot-view.ts';
import { hostNics, observeNics } from '../host-nics.ts';
import { type ListedFile, parseListed, showFiles, wordOf } from '../listed-files.ts';

export const NETWORK_SCRIPTS = '/etc/sysconfig/network-scripts';
const FOLDER = NETWORK_SCRIPTS;
export const GLOBAL_FILE = '/etc/sysconfig/network';

/** Variables that the readers look at; numbers may follow the first three. */
const KEYS =
  '((IPADDR|PREFIX|NETMASK)[0-9]*|DNS[0-9]+|DEVICE|NAME|HWADDR|ONBOOT|ONPARENT|BOOTPROTO|GATEWAY|GATEWAYDEV|DEFROUTE|METRIC|PEERDNS|TYPE|VLAN|BRIDGE|MASTER|SLAVE|BONDING_OPTS|BONDING_MASTER|NETWORKING)';

/** An ifcfg file with what a shell has after it has sourced it behind the global file. */
export interface IfcfgFile {
  readonly path: string;
  /** Behind 'ifcfg-'. */
  readonly name: string;
  readonly text: string;
  /** Not set where sourcing it ended the shell. */
  readonly variables?: ReadonlyMap<string, string>;
}

/** All that EL7's network service reads. */
export interface InitscriptsFiles {
  /** In the order in which their NICs are brought up. */
  readonly configs: readonly IfcfgFile[];
  readonly global?: ListedFile;
  readonly routes: readonly ListedFile[];
  /** Hardware addresses of the host's NICs, in capitals. */
  readonly macs: ReadonlyMap<string, string>;
  /** NetworkManager reads them in the place of the service. */
  readonly byNetworkManager: boolean;
  /** The default routes of now, as `ip route` prints them: what a DHCP server gives is seen there only. */
  readonly defaults: readonly string[];
}

/** Sources files as the service does, in an environment of nothing, and prints what their variables are then. */
const sourceFiles = shellFunction(
  'lvslab_source_ifcfgs',
  trusted(`lvslab_shell=$(command -v bash || command -v sh)
lvslab_source_ifcfgs() {
  for lvslab_config in "$@"; do
    [ -f "$lvslab_config" ] || continue
    case $lvslab_config in
    *[!A-Za-z0-9_@%+=:,./-]*) printf 'file %s\\n' "$(printf %s "$lvslab_config" | base64 -w0)" ;;
    *) printf 'file =%s\\n' "$lvslab_config" ;;
    esac
    # shellcheck disable=SC2016 # all of it is for the shell that it starts
    env -i PATH="$PATH" LC_ALL=C "$lvslab_shell" -c '
      cd ${FOLDER} || exit
      {
        if [ -f ${GLOBAL_FILE} ]; then . ${GLOBAL_FILE}; fi
        . "$1"
      } </dev/null >/dev/null 2>&1
      echo sourced
      set | sed -n "s/^\\([A-Z][A-Z0-9_]*\\)=.*/\\1/p" | grep -Ex "$2" | sort -u | while read -r key; do
        eval "value=\\$$key"
        case $value in
        *[!A-Za-z0-9_@%+=:,./-]*) printf "%s %s\\n" "$key" "$(printf %s "$value" | base64 -w0)" ;;
        *) printf "%s =%s\\n" "$key" "$value" ;;
        esac
      done
    ' "$lvslab_shell" "$lvslab_config" '${KEYS}'
  done
}`),
);

/** Shell that prints all that EL7's network service would read. Read back with `toldInitscripts`. */
export const observeInitscripts: Script = onceForAll(
  'initscripts',
  lines(
    showFiles,
    sourceFiles,
    section('files', sh`lvslab_show ${GLOBAL_FILE} ${FOLDER}/ifcfg-* ${FOLDER}/route-*`),
    section('variables', sh`lvslab_source_ifcfgs ${FOLDER}/ifcfg-*`),
    section(
      'nm',
      sh`
      if [ "$(nmcli -t -f RUNNING general 2>/dev/null)" = running ]; then
        nmcli -t -f DEVICE,STATE device 2>/dev/null | sed 's/^/state /'
      fi
    `,
    ),
    section('defaults', sh`ip -4 route show default 2>/dev/null`, { mayFail: true }),
    observeNics,
  ),
);

/** What `observeInitscripts` printed, as plain data. */
export interface ToldInitscripts {
  readonly files: readonly ListedFile[];
  /** By path what a shell has after it has sourced the file; a file that ended the shell is left out. */
  readonly variables: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Hardware addresses of the host's NICs, in capitals. */
  readonly macs: ReadonlyMap<string, string>;
  /** NICs that NetworkManager has taken on. */
  readonly managed: readonly string[];
  /** The default routes of now, as `ip route` prints them. */
  readonly defaults: readonly string[];
}

/** Reads what `observeInitscripts` printed. */
export function toldInitscripts(output: string): Observed<ToldInitscripts> {
  const sections = parseSections(output);
  const listed = parseListed(sections.get('files'));
  const variables = variablesIn(sections.get('variables') ?? '');
  if (listed.kind === 'unknown') return listed;
  if (listed.kind === 'absent' || variables === undefined) {
    return unknown('what the files of the network service set could not be told');
  }
  return value({
    files: listed.value,
    variables,
    macs: new Map(hostNics(sections).map(({ device, mac }) => [device, mac.toUpperCase()])),
    managed: filledLines(sections.get('nm')).flatMap(
      (line) => /^state (.+):(?!unmanaged|.*externally)[^:]+$/.exec(line.trim())?.[1] ?? [],
    ),
    defaults: filledLines(sections.get('defaults')).map((line) => line.trim()),
  });
}

/** The files in the order in which they count for a NIC. */
export function initscriptsFilesOf(
  { files, variables, macs, managed, defaults }: ToldInitscripts,
  device: string,
): InitscriptsFiles {
  const global = files.find(({ path }) => path === GLOBAL_FILE);
  return {
    configs: files.flatMap((file) => configOf(file, variables)).toSorted(byBringingUp),
    ...(global !== undefined && { global }),
    routes: files.filter(({ path }) => path.startsWith(`${FOLDER}/route-`)),
    macs,
    byNetworkManager: managed.includes(device),
    defaults,
  };
}

function configOf(
  { path, text }: ListedFile,
  variables: ReadonlyMap<string, ReadonlyMap<string, string>>,
): readonly IfcfgFile[] {
  const [, name] = /\/ifcfg-([^/]+)$/.exec(path) ?? [];
  // Editors' and rpm's left-overs, as the service knows them.
  if (name === undefined || /(~|[.](bak|old|orig|rpmnew|rpmorig|rpmsave))$/.test(name)) return [];
  const own = variables.get(path);
  return [{ path, name, text, ...(own !== undefined && { variables: own }) }];
}

/** By file; a file that ended the shell is left out. Undefined where it is not what was asked for. */
function variablesIn(output: string): ReadonlyMap<string, ReadonlyMap<string, string>> | undefined {
  const found = new Map<string, Map<string, string>>();
  let [file, current] = ['', undefined as Map<string, string> | undefined];
  for (const line of filledLines(output)) {
    const [, word = '', printed = ''] =
      /^(\w+)(?: ([A-Za-z0-9+/]*={0,2}|=[\w@%+=:,./-]*))?$/.exec(line) ?? [];
    const text = wordOf(printed);
    if (word === 'file') [file, current] = [text, undefined];
    else if (word === 'sourced' && file !== '')
      found.set(file, (current = new Map<string, string>()));
    else if (word !== '' && current !== undefined) current.set(word, text);
    else return undefined;
  }
  return found;
}

/** 'ens9' before 'ens33': by what comes before the first digit, then by the number. */
function byBringingUp(a: IfcfgFile, b: IfcfgFile): number {
  const [one, other] = [sortKey(a), sortKey(b)];
  if (one.text !== other.text) return one.text < other.text ? -1 : 1;
  return one.number - other.number || (a.name < b.name ? -1 : 1);
}

function sortKey({ name }: IfcfgFile): { readonly text: string; readonly number: number } {
  const [, text = '', number = ''] = /^(\D*)(\d*)/.exec(name) ?? [];
  return { text, number: Number(number) };
}

/** The line of the file that sets the variable last, or of the global file; the file's head where neither does. */
export function placeOfVariable(
  { path, text }: IfcfgFile,
  key: string,
  global?: ListedFile,
): Place {
  const isOf = (line: string): boolean => new RegExp(`^\\s*(export\\s+)?${key}=`).test(line);
  const own = text.split('\n').findLastIndex(isOf);
  if (own >= 0 || global === undefined) return { file: path, line: own + 1 };
  const general = global.text.split('\n').findLastIndex(isOf);
  return general >= 0 ? { file: global.path, line: general + 1 } : { file: path, line: 0 };
}
