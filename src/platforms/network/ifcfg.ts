import { sh } from '../../engine/model/script.ts';
import { parseAssignment, parseAssignments } from '../shell-assignments.ts';
import { renderTemplate } from '../../templates.ts';
import { type NetworkBackend, type InterfaceSettings, writtenAddress } from './network-backend.ts';
import { reloadProfiles } from './network-manager.ts';
import { mergeRouteFile } from './route-file.ts';

const FOLDER = '/etc/sysconfig/network-scripts';

/** Other ways of saying what IPADDR, PREFIX and GATEWAY say; beside them they would add a second address. */
const SYNONYMS = ['IPADDR0', 'PREFIX0', 'NETMASK', 'NETMASK0'];

/** /etc/sysconfig/network-scripts/ifcfg-DEVICE and route-DEVICE, the way of EL7. */
export const ifcfg: NetworkBackend = {
  name: 'ifcfg',
  locate(device) {
    const assignment = `^[[:space:]]*DEVICE=["']?${device.replaceAll('.', '[.]')}["']?[[:space:]]*$`;
    return sh`
      path=${`${FOLDER}/ifcfg-${device}`}
      ## A file of another name is about the device when it says so and none has the device's own name.
      if [ ! -e "$path" ]; then
        found=$(grep -lEs ${assignment} ${FOLDER}/ifcfg-* |
          grep -vE '(~|[.](bak|old|orig|rej|rpm[a-z]*|aug[a-z]*))$' | head -n 1)
        path=\${found:-$path}
      fi
    `;
  },
  merge(text, settings) {
    const fresh = renderIfcfg(settings);
    return text === undefined ? fresh : mergeInto(text, fresh, settings);
  },
  addressIn(text) {
    const has = new Map(parseAssignments(text));
    if (/^(dhcp|bootp)$/i.test(has.get('BOOTPROTO') ?? '')) return undefined;
    const either = (key: string): string | undefined => has.get(key) ?? has.get(`${key}0`);
    return writtenAddress(either('IPADDR') ?? '', either('PREFIX') ?? either('NETMASK') ?? '');
  },
  route: {
    path: ({ device }) => `${FOLDER}/route-${device}`,
    merge: mergeRouteFile,
    reload: reloadProfiles,
  },
  reload: reloadProfiles,
};

function renderIfcfg({ device, address, prefix, gateway = '', dns }: InterfaceSettings): string {
  return renderTemplate('ifcfg.hbs', {
    device,
    address,
    prefix,
    gateway,
    nameServerLines: dns.map((server, i) => `DNS${i + 1}="${server}"`),
  });
}

function mergeInto(text: string, fresh: string, { gateway }: InterfaceSettings): string {
  const wanted = new Map(
    fresh.split('\n').flatMap((line) => {
      const key = keyOf(line);
      return key === undefined ? [] : [[key, line] as const];
    }),
  );
  // Without a gateway of ours, whether the default route leads this way is somebody else's matter.
  if (gateway === undefined) wanted.delete('DEFROUTE');
  const dropped = new Set([...SYNONYMS, ...(gateway === undefined ? [] : ['GATEWAY0'])]);
  const seen = new Set<string>();
  const kept = text
    .replace(/\n$/, '')
    .split('\n')
    .flatMap((line) => {
      const key = keyOf(line);
      const replacement = key === undefined ? undefined : wanted.get(key);
      if (key === undefined || (replacement === undefined && !dropped.has(key))) return [line];
      if (replacement === undefined || seen.has(key)) return [];
      seen.add(key);
      return [saysTheSame(line, replacement) ? line : replacement];
    });
  const missing = [...wanted].flatMap(([key, line]) => (seen.has(key) ? [] : [line]));
  const merged = [...kept, ...missing].join('\n');
  return merged === text ? text : `${merged}\n`;
}

function saysTheSame(line: string, other: string): boolean {
  const [key, has] = parseAssignment(line) ?? [];
  const [, wants] = parseAssignment(other) ?? [];
  if (key === 'BOOTPROTO') return has === 'static' || has === 'none';
  return has !== undefined && has.toLowerCase() === wants?.toLowerCase();
}

/** Also of lines that are broken otherwise, like one with a comment after `//`. */
function keyOf(line: string): string | undefined {
  return /^\s*([A-Za-z_]\w*)=/.exec(line)?.[1];
}
