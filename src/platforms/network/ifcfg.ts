import { type Observed, value } from '../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { parseAssignments } from '../shell-assignments.ts';
import { type BootConflict, type BootView } from './boot/boot-view.ts';
import { addressesOf, deviceOf, isMain } from './boot/initscripts/ifcfg-variables.ts';
import { initscriptsViewOf } from './boot/initscripts/initscripts-boot.ts';
import {
  GLOBAL_FILE,
  type IfcfgFile,
  initscriptsFilesOf,
  NETWORK_SCRIPTS,
  observeInitscripts,
  toldInitscripts,
  type ToldInitscripts,
} from './boot/initscripts/initscripts-files.ts';
import {
  type EditedText,
  freshIfcfg,
  mergeAlias,
  mergeIfcfg,
  type SourcedText,
} from './formats/ifcfg-text.ts';
import { givesWay } from './formats/profile-settings.ts';
import {
  type ConfigFile,
  type NetworkBackend,
  type NetworkConfig,
  type ProfileSettings,
  type WrittenFiles,
} from './network-backend.ts';
import { mergeRouteFile } from './route-file.ts';

/** /etc/sysconfig/network-scripts/ifcfg-DEVICE and route-DEVICE, the way of EL7, read by its network service or NetworkManager. */
export const ifcfg: NetworkBackend = {
  name: 'ifcfg',
  title: "EL7's network scripts",
  observe: () => observeInitscripts,
  read,
  aim,
  route: {
    path: ({ device }) => `${NETWORK_SCRIPTS}/route-${device}`,
    merge: mergeRouteFile,
    reload: ({ device }) => loadProfiles({ device, paths: [`${NETWORK_SCRIPTS}/ifcfg-${device}`] }),
  },
  reload: loadProfiles,
};

/** Prefixes of what `known` holds. */
const VARIABLES = 'variables of ';

function read(output: string, device: string): Observed<NetworkConfig> {
  const told = toldInitscripts(output);
  if (told.kind !== 'value') return told;
  const { files, variables, macs, managed, defaults } = told.value;
  return value({
    files,
    boot: viewOf(told.value, device),
    known: {
      macs: [...macs].map((pair) => pair.join(' ')),
      managed,
      defaults,
      ...Object.fromEntries(
        [...variables].map(([path, own]) => [
          `${VARIABLES}${path}`,
          [...own].map(([key, text]) => `${key} ${text}`),
        ]),
      ),
    },
  });
}

function toldOf({ files, known }: NetworkConfig): ToldInitscripts {
  const pairs = (lines: readonly string[]): ReadonlyMap<string, string> =>
    new Map(
      lines.map((line) => {
        const cut = line.indexOf(' ');
        return [line.slice(0, cut), line.slice(cut + 1)];
      }),
    );
  return {
    files,
    macs: pairs(known['macs'] ?? []),
    managed: known['managed'] ?? [],
    defaults: known['defaults'] ?? [],
    variables: new Map(
      Object.entries(known).flatMap(([name, lines]) =>
        name.startsWith(VARIABLES) ? [[name.slice(VARIABLES.length), pairs(lines)] as const] : [],
      ),
    ),
  };
}

function viewOf(told: ToldInitscripts, device: string): BootView {
  return initscriptsViewOf(initscriptsFilesOf(told, device), device);
}

function aim(found: NetworkConfig, settings: ProfileSettings): NetworkConfig {
  const told = toldOf(found);
  const { device, address, prefix } = settings;
  const { configs, ...rest } = initscriptsFilesOf(told, device);
  const own = configs.filter((config) => deviceOf(config, { configs, ...rest }) === device);
  const main = own.find(isMain);
  const aliases = own.filter((config) => !isMain(config));
  const hasAddress = aliases.some((config) =>
    addressesOf(config).some((one) => one.address === `${address}/${prefix}`),
  );
  const yielding = aliases.find((config) =>
    addressesOf(config).some((one) => givesWay(settings, one.address)),
  );
  const written = new Map<string, EditedText>();
  const write = (config: IfcfgFile, merged: EditedText): void => {
    if (merged.text !== config.text) written.set(config.path, merged);
  };
  if (yielding !== undefined && !hasAddress) {
    write(yielding, mergeAlias(sourced(yielding), settings));
  }
  if (main !== undefined) {
    const isElsewhere = hasAddress || yielding !== undefined;
    write(main, mergeIfcfg(sourced(main), settings, { hasAddress: isElsewhere }));
  } else {
    const path = `${NETWORK_SCRIPTS}/ifcfg-${device}`;
    const text = freshIfcfg(settings);
    const variables = new Map([...globalVariables(told), ...parseAssignments(text)]);
    // A file of that name that isn't for this card says so among the conflicts of the view.
    if (!found.files.some((file) => file.path === path)) written.set(path, { text, variables });
  }
  return written.size === 0 ? found : withWritten(found, told, { device, written });
}

function sourced({ text, variables = new Map() }: IfcfgFile): SourcedText {
  return { text, variables };
}

function withWritten(
  found: NetworkConfig,
  told: ToldInitscripts,
  {
    device,
    written,
  }: { readonly device: string; readonly written: ReadonlyMap<string, EditedText> },
): NetworkConfig {
  const isThere = new Set(found.files.map(({ path }) => path));
  const files: readonly ConfigFile[] = [
    ...found.files.map((file) => {
      const { path, mode, owner } = file;
      const text = written.get(path)?.text;
      return text === undefined ? file : { path, text, mode, owner };
    }),
    ...[...written]
      .filter(([path]) => !isThere.has(path))
      .map(([path, { text }]) => ({ path, text, mode: '644', owner: 0 })),
  ];
  const sourcedThen = [...written].map(([path, { variables }]) => [path, variables] as const);
  const boot = viewOf(
    { ...told, files, variables: new Map([...told.variables, ...sourcedThen]) },
    device,
  );
  return {
    files,
    boot: { ...boot, conflicts: [...boot.conflicts, ...[...written].flatMap(unseen)] },
    known: {
      ...found.known,
      ...Object.fromEntries(
        sourcedThen.map(([path, variables]) => [
          `${VARIABLES}${path}`,
          [...variables].map(([key, text]) => `${key} ${text}`),
        ]),
      ),
    },
  };
}

function globalVariables({ files }: ToldInitscripts): ReadonlyMap<string, string> {
  const text = files.find(({ path }) => path === GLOBAL_FILE)?.text ?? '';
  return new Map(parseAssignments(text));
}

/** A file that does more than assign values can't be edited with a known end. */
function unseen([path, { opaque }]: readonly [string, EditedText]): readonly BootConflict[] {
  if (opaque === undefined) return [];
  return [
    {
      file: path,
      line: opaque,
      why: "a shell has to run it to know what it says, so it can't be edited",
      hint: 'Write plain KEY=value lines there.',
    },
  ];
}

/**
 * Has NetworkManager read the files that were written, where it runs. It says nothing by its exit status of a file that it
 * can't read.
 */
function loadProfiles({ paths }: WrittenFiles): Script {
  const profiles = paths.filter((path) => path.startsWith(`${NETWORK_SCRIPTS}/ifcfg-`));
  if (profiles.length === 0) return lines();
  return sh`
    if [ "$(nmcli -t -f RUNNING general 2>/dev/null)" = running ]; then
      for profile in ${profiles}; do
        [ -e "$profile" ] || continue
        told=$(nmcli connection load "$profile" 2>&1) || :
        case $told in *[Cc]ould\ not\ load*) printf '%s\n' "$told" >&2; exit 1 ;; esac
      done
    fi
  `;
}
