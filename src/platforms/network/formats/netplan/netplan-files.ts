import { isMap, type Pair, parseDocument, visit } from 'yaml';
import { type Observed, unknown, value } from '../../../../engine/model/resource.ts';

/** A file of netplan's. */
export interface NetplanFile {
  readonly path: string;
  readonly text: string;
}

export const netplanFolders = ['/run/netplan', '/etc/netplan', '/lib/netplan'] as const;

const KINDS = ['ethernets', 'bonds', 'bridges', 'vlans'] as const;
type NetplanKind = (typeof KINDS)[number];

/** A NIC of the host, for the definitions that name it by what it is. */
export interface NamedNic {
  readonly device: string;
  readonly mac: string;
}

/** Something that netplan configures: 'ethernets', 'ens33'. */
export interface NetplanId {
  readonly kind: NetplanKind;
  readonly id: string;
}

/** A definition of netplan's, over all files. */
export interface NetplanDefinition extends NetplanId {
  /** All values of each key, in the order of the files that hold it. */
  readonly values: ReadonlyMap<string, readonly unknown[]>;
  /** The NICs that it is for. */
  readonly devices: readonly string[];
  /** Its own, or else that of all. */
  readonly renderer: 'networkd' | 'NetworkManager';
}

/** Why a file's text can't be edited safely; undefined where it can. */
function obstacleIn(text: string): string | undefined {
  const doc = parseDocument(text);
  const [error] = doc.errors;
  if (error !== undefined) return error.message.split('\n')[0] ?? 'no YAML';
  if (doc.contents !== null && !isMap(doc.contents)) return 'it is no mapping';
  let found: string | undefined;
  visit(doc, {
    Alias: () => {
      found = 'it has aliases';
      return visit.BREAK;
    },
    Pair(_key, pair: Pair) {
      if (!isMap(pair.value) || !pair.value.items.some(({ key }) => String(key) === '<<')) return;
      found = 'it has merge keys';
      return visit.BREAK;
    },
  });
  return found;
}

/** Reads files, in netplan's order; unknown where one is beyond reading. */
export function readNetplan(
  files: readonly NetplanFile[],
  nics: readonly NamedNic[],
): Observed<readonly NetplanDefinition[]> {
  const roots: Record<string, unknown>[] = [];
  for (const { path, text } of files) {
    const obstacle = obstacleIn(text);
    if (obstacle !== undefined) return unknown(`${path}: ${obstacle}`);
    roots.push(mapping(mapping(parseDocument(text).toJS())['network']));
  }
  const renderer = rendererOf(roots.flatMap(({ renderer: own }) => own ?? []));
  const ids = KINDS.flatMap((kind) =>
    [...new Set(roots.flatMap((root) => Object.keys(mapping(root[kind]))))].map((id) => ({
      kind,
      id,
    })),
  );
  return value(
    ids.map(({ kind, id }) => {
      const found = roots.map((root) => mapping(mapping(root[kind])[id]));
      const keys = new Set(found.flatMap((definition) => Object.keys(definition)));
      const values = new Map(
        [...keys].map((key) => [key, found.flatMap((own) => (key in own ? [own[key]] : []))]),
      );
      return {
        kind,
        id,
        values,
        devices: devicesOf({ kind, id }, values, nics),
        renderer: values.has('renderer') ? rendererOf(values.get('renderer') ?? []) : renderer,
      };
    }),
  );
}

function devicesOf(
  { kind, id }: NetplanId,
  values: NetplanDefinition['values'],
  nics: readonly NamedNic[],
): readonly string[] {
  const match = Object.assign({}, ...(values.get('match') ?? []).map(mapping)) as Record<
    string,
    unknown
  >;
  if (kind !== 'ethernets' || Object.keys(match).length === 0) return [id];
  const newName = values.get('set-name')?.at(-1);
  const isIn = ({ device, mac }: NamedNic): boolean =>
    device === newName ||
    Object.entries(match).every(
      ([key, wanted]) =>
        (key === 'name' && matchesGlob(textOf(wanted), device)) ||
        (key === 'macaddress' && textOf(wanted).toLowerCase() === mac.toLowerCase()),
    );
  return nics.filter(isIn).map(({ device }) => device);
}

/** Whether a name matches a pattern of `*`, `?` and `[…]`. */
export function matchesGlob(pattern: string, name: string): boolean {
  const source = pattern.replaceAll(/\[!?[^\]]+\]|[^\w]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    return part.length > 1 ? part.replace('[!', '[^').replaceAll('\\', '\\\\') : `\\${part}`;
  });
  try {
    return new RegExp(`^${source}$`, 's').test(name);
  } catch {
    return pattern === name;
  }
}

function rendererOf(values: readonly unknown[]): NetplanDefinition['renderer'] {
  return values.at(-1) === 'NetworkManager' ? 'NetworkManager' : 'networkd';
}

/** An object, or one without anything where it is none. */
export function mapping(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
    ? (data as Record<string, unknown>)
    : {};
}

/** A scalar as text; '' where it is none. */
export function textOf(data: unknown): string {
  return typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean'
    ? String(data)
    : '';
}

/** Whether netplan takes it for a yes. */
export function isYes(data: unknown): boolean {
  return /^(true|on|yes|y)$/i.test(textOf(data));
}
