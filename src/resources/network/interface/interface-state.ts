import { z } from 'zod';
import { type Observed, type Target, value } from '../../../engine/model/resource.ts';
import { type BootView } from '../../../platforms/network/boot/boot-view.ts';
import {
  type ConfigFile,
  type NetworkBackend,
  type NetworkConfig,
} from '../../../platforms/network/network-backend.ts';
import { parseSections } from '../../../platforms/sections.ts';
import { parseExtended } from '../../files/extended-attributes.ts';
import { type FileAim, fileState, plainAttributes } from '../../files/file-state.ts';
import { line, text } from '../../schemas.ts';
import { type InterfaceRuntime, parseRuntime } from './interface-runtime.ts';

/** A file that has a say in what the next boot makes of a NIC. */
export interface NicFile {
  readonly path: string;
  /** Not set where there is no such file. */
  readonly file?: FileAim;
}

/** A NIC: what it has now, the files about it, and what the next boot makes of them. */
export interface InterfaceState extends InterfaceRuntime {
  readonly files: readonly NicFile[];
  /** Not set in journals of versions that did not ask, and in states to go back to. */
  readonly boot?: BootView;
  /** What the reader knows beside its files. */
  readonly known?: NetworkConfig['known'];
}

const place = { file: text, line: z.number() };

const bootView = z.object({
  comesUp: z.boolean(),
  dhcp: z.boolean(),
  addresses: z.array(z.object({ ...place, address: line })),
  defaultRoute: z
    .object({
      ...place,
      device: line,
      gateway: line.exactOptional(),
      metric: z.number().exactOptional(),
    })
    .exactOptional(),
  link: z.enum(['plain', 'bridge', 'bond', 'vlan']),
  master: line.exactOptional(),
  nameServers: z.array(line),
  conflicts: z.array(
    z.object({
      ...place,
      about: z.literal('default route').exactOptional(),
      why: text,
      hint: text,
    }),
  ),
});

const written = z.object({ path: line, file: fileState.exactOptional() });

const runtime = {
  up: z.boolean(),
  addresses: z.array(line),
  leased: z.array(line).exactOptional(),
  defaultRoutes: z.array(line),
  link: z.enum(['plain', 'bridge', 'bond', 'vlan']).exactOptional(),
  master: line.exactOptional(),
};

/** The shape of a NIC in a journal; earlier versions knew of one file only, and of no boot. */
export const interfaceState = z.union([
  z.object({
    ...runtime,
    files: z.array(written),
    boot: bootView.exactOptional(),
    known: z.record(z.string(), z.array(text)).exactOptional(),
  }),
  z
    .object({ ...runtime, path: line, file: fileState.exactOptional() })
    .transform(({ path, file, ...rest }) => ({
      ...rest,
      files: [{ path, ...(file !== undefined && { file }) }],
    })),
]);

/** Reads what `observeRuntime` and the backend's `observe` printed. */
export function parseInterface(
  output: string,
  device: string,
  backend: NetworkBackend,
): Observed<InterfaceState> {
  const config = backend.read(output, device);
  if (config.kind !== 'value') return config;
  const { files, boot, known } = config.value;
  return value({
    ...parseRuntime(parseSections(output)),
    files: files.map(nicFileOf),
    boot,
    known,
  });
}

/** What the backend made of the files, out of a state. */
export function configOf({ files, boot, known = {} }: InterfaceState): NetworkConfig | undefined {
  if (boot === undefined) return undefined;
  return { files: files.flatMap(configFileOf), boot, known };
}

/** The files of a state with those that a backend aims at: what stays is the same object as before. */
export function aimedFiles(
  found: readonly NicFile[],
  before: readonly ConfigFile[],
  aimed: readonly ConfigFile[],
): readonly NicFile[] {
  const known = new Map(before.map((file) => [file.path, file]));
  const kept = found.filter(({ path }) => aimed.some((file) => file.path === path));
  const old = new Map(kept.map((file) => [file.path, file]));
  return aimed.map((file) => {
    const former = old.get(file.path);
    if (former !== undefined && known.get(file.path) === file) return former;
    const { path } = file;
    const mode = file.mode.padStart(4, '0');
    // Of a file that is there, all but what it says stays.
    const attributes = former?.file === undefined ? { ...plainAttributes, mode } : {};
    const isBinary = former?.file?.encoding === 'base64';
    return {
      path,
      file: isBinary
        ? {
            content: Buffer.from(file.text, 'latin1').toString('base64'),
            encoding: 'base64',
            ...attributes,
          }
        : { content: file.text, ...attributes },
    };
  });
}

/** The paths whose files differ. */
export function writtenPaths(from: readonly NicFile[], to: readonly NicFile[]): readonly string[] {
  const [before, after] = [from, to].map(
    (files) => new Map(files.map(({ path, file }) => [path, contentOf(file)])),
  );
  const paths = new Set([...from, ...to].map(({ path }) => path));
  return [...paths].filter((path) => before?.get(path) !== after?.get(path));
}

/** As text that tells it from any other content. */
function contentOf(file: FileAim | undefined): string | undefined {
  return file === undefined ? undefined : `${file.encoding ?? ''}:${file.content}`;
}

/** As text where that says all that the file holds. */
function encodedContent({
  text: content,
  whole,
}: ConfigFile): Pick<FileAim, 'content' | 'encoding'> {
  const isText = whole === undefined || Buffer.from(content).toString('base64') === whole.base64;
  if (isText && !content.includes('\0')) return { content };
  return { content: whole?.base64 ?? '', encoding: 'base64' };
}

function nicFileOf(found: ConfigFile): NicFile {
  const { path, mode, owner, whole } = found;
  const extended = parseExtended(whole?.extended);
  return {
    path,
    file: {
      ...encodedContent(found),
      mode: mode.padStart(4, '0'),
      owner: whole?.user ?? String(owner),
      group: whole?.group ?? 'root',
      ...(extended !== undefined && { extended }),
    },
  };
}

const NOBODY = 65_534;

function configFileOf({ path, file }: NicFile): readonly ConfigFile[] {
  if (file === undefined) return [];
  const { content, encoding, mode = '0644', owner = 'root' } = file;
  return [
    {
      path,
      text: encoding === 'base64' ? Buffer.from(content, 'base64').toString('latin1') : content,
      mode: mode.replace(/^0+(?=\d)/, ''),
      owner: owner === 'root' ? 0 : /^\d+$/.test(owner) ? Number(owner) : NOBODY,
    },
  ];
}

/** A NIC is always there: where it is not, it can't be observed. */
export function stateOf(state: Target<InterfaceState>): InterfaceState {
  if (state.kind === 'value') return state.value;
  return { files: [], up: false, addresses: [], defaultRoutes: [] };
}
