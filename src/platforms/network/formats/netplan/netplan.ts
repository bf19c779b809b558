import { parseDocument } from 'yaml';
import { type InterfaceSettings } from '../../network-backend.ts';
import { isYes, mapping, type NetplanFile, type NetplanId, textOf } from './netplan-files.ts';
import { givesWay, isIpv4, type ProfileRoute, type ProfileSettings } from '../profile-settings.ts';
import { addYaml, dropYaml, setYaml, type YamlPath } from './yaml-splice.ts';

/** An item or value of the definition: in which file, and where. */
interface Found {
  readonly file: number;
  readonly path: YamlPath;
  readonly value: unknown;
}

/** The files' definition of one NIC while it is edited; each question reads the texts as they are by then. */
class Draft {
  readonly texts: string[];
  readonly #root: YamlPath;

  constructor(files: readonly NetplanFile[], { kind, id }: NetplanId) {
    this.texts = files.map(({ text }) => text);
    this.#root = ['network', kind, id];
  }

  /** What stands at this key, in each file that has it. */
  at(...keys: YamlPath): readonly Found[] {
    const path = [...this.#root, ...keys];
    return this.texts.flatMap((text, file) => {
      const doc = parseDocument(text);
      return doc.hasIn(path) ? [{ file, path, value: plain(text, path) }] : [];
    });
  }

  items(...keys: YamlPath): readonly Found[] {
    return this.at(...keys).flatMap(({ file, path, value }) =>
      Array.isArray(value)
        ? value.map((item: unknown, index) => ({ file, path: [...path, index], value: item }))
        : [],
    );
  }

  set({ file, path }: Found, value: unknown): void {
    this.texts[file] = setYaml(this.texts[file] ?? '', path, value);
  }

  /** Of several, the last first, so that the places of the others stay. */
  drop(found: readonly Found[]): void {
    for (const { file, path } of found.toReversed()) {
      this.texts[file] = dropYaml(this.texts[file] ?? '', path, this.#root.length);
    }
  }

  /** In the last file that has the key, or else in the last that defines the NIC. */
  add(keys: YamlPath, item: unknown): void {
    const file = this.#lastWith(keys);
    this.texts[file] = addYaml(this.texts[file] ?? '', [...this.#root, ...keys], item);
  }

  put(key: string, value: unknown): void {
    const file = this.#lastWith([key]);
    this.texts[file] = setYaml(this.texts[file] ?? '', [...this.#root, key], value);
  }

  #lastWith(keys: YamlPath): number {
    return this.at(...keys).at(-1)?.file ?? this.at().at(-1)?.file ?? this.texts.length - 1;
  }
}

function plain(text: string, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (data, key) =>
      Array.isArray(data) ? (data[Number(key)] as unknown) : mapping(data)[String(key)],
    parseDocument(text).toJS(),
  );
}

/**
 * Netplan's files, in its order, with these settings in the NIC's definition; each is changed only where it says otherwise.
 * The address is static, the default gateway stands in one place, whichever of its spellings was in use.
 * @param files at least one; those that `readNetplan` can read.
 */
export function mergeNetplan(
  files: readonly NetplanFile[],
  target: NetplanId,
  settings: ProfileSettings,
): readonly NetplanFile[] {
  return edited(files, target, (draft) => {
    if (isYes(draft.at('dhcp4').at(-1)?.value)) draft.put('dhcp4', false);
    setAddress(draft, settings);
    if (settings.gateway !== undefined) setGateway(draft, settings.gateway);
    if (settings.dns.length > 0) setNameServers(draft, settings.dns);
  });
}

/** Netplan's files with the address by DHCP: this static one and the gateway are gone, other addresses stay. */
export function dhcpNetplan(
  files: readonly NetplanFile[],
  target: NetplanId,
  { address, prefix }: InterfaceSettings,
): readonly NetplanFile[] {
  return edited(files, target, (draft) => {
    if (!isYes(draft.at('dhcp4').at(-1)?.value)) draft.put('dhcp4', true);
    draft.drop(draft.at('gateway4'));
    draft.drop(defaultRoutes(draft));
    draft.drop(
      draft.items('addresses').filter((item) => addressOf(item) === `${address}/${prefix}`),
    );
  });
}

/** Netplan's files with a route to one machine, in the place of another route there. */
export function addNetplanRoute(
  files: readonly NetplanFile[],
  target: NetplanId,
  { address, gateway, metric }: ProfileRoute,
): readonly NetplanFile[] {
  const wanted = {
    to: `${address}/32`,
    via: gateway,
    ...(metric !== undefined && { metric }),
  };
  return edited(files, target, (draft) => {
    const [first, ...others] = routesTo(draft, address);
    const has = mapping(first?.value);
    if (others.length === 0 && has['via'] === gateway && has['metric'] === metric) return;
    draft.drop(routesTo(draft, address));
    draft.add(['routes'], wanted);
  });
}

/** Netplan's files without the routes to one machine. */
export function dropNetplanRoute(
  files: readonly NetplanFile[],
  target: NetplanId,
  address: string,
): readonly NetplanFile[] {
  return edited(files, target, (draft) => {
    draft.drop(routesTo(draft, address));
  });
}

/** Netplan's files with this metric of the NIC's default route; a `gateway4` has none, so it becomes a route. */
export function withNetplanMetric(
  files: readonly NetplanFile[],
  target: NetplanId,
  metric: number,
): readonly NetplanFile[] {
  return edited(files, target, (draft) => {
    const key = draft.at('gateway4').at(-1);
    if (key !== undefined) {
      draft.drop(draft.at('gateway4'));
      draft.add(['routes'], { to: '0.0.0.0/0', via: textOf(key.value), metric });
      return;
    }
    for (const route of defaultRoutes(draft)) {
      const known = mapping(route.value)['metric'];
      if (typeof known === 'number' && known <= metric) continue;
      draft.set({ ...route, path: [...route.path, 'metric'] }, metric);
    }
  });
}

/** A file of its own for a NIC that no file defines; it must be root's, mode 0600. */
export function freshNetplan(settings: InterfaceSettings): string {
  const frame = {
    path: '',
    text: `network:\n  version: 2\n  ethernets:\n    ${settings.device}:\n      dhcp4: false\n`,
  };
  return mergeNetplan([frame], { kind: 'ethernets', id: settings.device }, settings)[0]?.text ?? '';
}

function edited(
  files: readonly NetplanFile[],
  target: NetplanId,
  change: (draft: Draft) => void,
): readonly NetplanFile[] {
  const draft = new Draft(files, target);
  change(draft);
  return files.map((file, index) => ({ ...file, text: draft.texts[index] ?? file.text }));
}

/** An address with options is a mapping with one key. */
function addressOf({ value }: Found): string {
  return textOf(value) || (Object.keys(mapping(value))[0] ?? '');
}

function setAddress(draft: Draft, settings: ProfileSettings): void {
  const wanted = `${settings.address}/${settings.prefix}`;
  const items = draft.items('addresses');
  const yielding = items.filter((item) => givesWay(settings, addressOf(item)));
  const isThere = items.some((item) => addressOf(item) === wanted);
  const [first, ...others] = yielding;
  draft.drop(isThere ? yielding : others);
  if (isThere) return;
  if (first === undefined) draft.add(['addresses'], wanted);
  else if (textOf(first.value) !== '') draft.set(first, wanted);
  else {
    draft.drop([first]);
    draft.add(['addresses'], wanted);
  }
}

/** Routes of the main table that lead everywhere by IPv4. */
function defaultRoutes(draft: Draft): readonly Found[] {
  return mainRoutes(draft).filter(({ value }) => {
    const { to, via } = mapping(value);
    return isIpv4(textOf(via)) && ['default', '0.0.0.0/0', '0/0'].includes(textOf(to));
  });
}

function routesTo(draft: Draft, address: string): readonly Found[] {
  return mainRoutes(draft).filter(({ value }) =>
    [address, `${address}/32`].includes(textOf(mapping(value)['to'])),
  );
}

function mainRoutes(draft: Draft): readonly Found[] {
  return draft
    .items('routes')
    .filter(({ value }) => ['', '254'].includes(textOf(mapping(value)['table'])));
}

/** Of `gateway4` the last file's counts. */
function setGateway(draft: Draft, gateway: string): void {
  const keys = draft.at('gateway4');
  const routes = defaultRoutes(draft);
  const key = keys.at(-1);
  if (key !== undefined) {
    if (textOf(key.value) !== gateway) draft.set(key, gateway);
    draft.drop(keys.slice(0, -1));
    draft.drop(routes);
    return;
  }
  const [first, ...others] = routes;
  draft.drop(others);
  // Older releases don't know the word 'default'.
  if (first === undefined) draft.add(['routes'], { to: '0.0.0.0/0', via: gateway });
  else if (mapping(first.value)['via'] !== gateway) {
    draft.set({ ...first, path: [...first.path, 'via'] }, gateway);
  }
}

/** Those of IPv6 stay. */
function setNameServers(draft: Draft, dns: readonly string[]): void {
  const keys = ['nameservers', 'addresses'];
  const own = draft.items(...keys).filter(({ value }) => isIpv4(textOf(value)));
  if (own.map(({ value }) => textOf(value)).join() === dns.join()) return;
  // One after the other in the place of those that were there.
  own.slice(0, dns.length).forEach((item, index) => {
    if (textOf(item.value) !== dns[index]) draft.set(item, dns[index]);
  });
  draft.drop(own.slice(dns.length));
  for (const server of dns.slice(own.length)) draft.add(keys, server);
}
