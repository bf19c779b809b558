import { type HostReading } from '../readings.ts';
import { linesOf } from './parse-network.ts';

type Given<K extends keyof HostReading> = NonNullable<HostReading[K]>;

/** Reads lines 'conf/all/rp_filter:1' as settings by their usual names. */
export function parseSettings(text: string): Given<'settings'> {
  const found = linesOf(text).flatMap((line) => {
    const [, path, value] = /^([^:]+):(.*)$/.exec(line) ?? [];
    if (path === undefined || value === undefined) return [];
    return [[`net.ipv4.${path.replaceAll('/', '.')}`, value] as const];
  });
  return Object.fromEntries(found);
}

/** Reads 'FILE:net.ipv4.ip_forward = 1', a line each, in the order of the files. */
export function parseBootSettings(text: string): Given<'bootSettings'> {
  return linesOf(text).flatMap((line) => {
    const [, file, key, value] =
      /^([^:]+):\s*-?([\w./*-]+)\s*=\s*(.*?)\s*$/.exec(line.slice(0, 1000)) ?? [];
    if (file === undefined || key === undefined || value === undefined) return [];
    return [{ file, key: key.replaceAll('/', '.'), value }];
  });
}

/** Reads `systemctl show` of several units; a block with `AtBoot` says again of one of them what boot makes of it. */
export function parseUnits(text: string): Given<'units'> {
  const units = new Map<string, Given<'units'>[string]>();
  for (const block of text.split(/\n\s*\n/, 100)) {
    const fields = new Map(linesOf(block).map(fieldOf));
    const id = fields.get('Id');
    if (id === undefined) continue;
    const known = units.get(id);
    const atBoot = fields.get('AtBoot');
    if (known !== undefined && atBoot !== undefined) {
      units.set(id, { ...known, enabled: atBoot });
    } else if (atBoot === undefined) {
      const state = (name: string): string => fields.get(name) ?? '';
      units.set(id, {
        load: state('LoadState'),
        active: state('ActiveState'),
        enabled: state('UnitFileState'),
      });
    }
  }
  return Object.fromEntries(units);
}

function fieldOf(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1, at + 200)];
}
