import { sh } from '../../engine/model/script.ts';
import { renderTemplate } from '../../templates.ts';
import { type NetworkBackend, type InterfaceSettings, writtenAddress } from './network-backend.ts';
import { reloadProfiles } from './network-manager.ts';

const MAIN_FILE = '/etc/network/interfaces';

/** What begins a new stanza, see interfaces(5). */
const STANZA =
  /^\s*(iface|mapping|auto|allow-\S+|source|source-directory|rename|no-auto-down|no-scripts)\s/;

/** /etc/network/interfaces and the files that it reads, the way of Debian. */
export const ifupdown: NetworkBackend = {
  name: 'ifupdown',
  locate(device) {
    const name = device.replaceAll('.', '[.]');
    const stanza = `^[[:space:]]*iface[[:space:]]+${name}[[:space:]]+inet[[:space:]]`;
    return sh`
      path=$(grep -lEs ${stanza} ${MAIN_FILE} ${MAIN_FILE}.d/* | head -n 1)
      if [ -z "$path" ] &&
        grep -qEs '^[[:space:]]*source(-directory)?[[:space:]].*interfaces[.]d' ${MAIN_FILE}; then
        path=${`${MAIN_FILE}.d/lvslab-${device}`}
      fi
      path=\${path:-${MAIN_FILE}}
    `;
  },
  merge(text, settings) {
    const fresh = renderStanza(settings);
    if (text === undefined) return fresh;
    const all = text.split('\n');
    const start = all.findIndex((line) => isHeaderOf(settings.device, line));
    if (start === -1) return `${text.replace(/\n*$/, '\n\n')}${fresh}`.replace(/^\n+/, '');
    const end = endOfStanza(all, start);
    const stanza = all.slice(start, end);
    const isAutomatic = all.some((line) => isAutomaticLine(settings.device, line));
    const [auto = '', ...body] = fresh.trimEnd().split('\n');
    if (isAutomatic && saysTheSame(stanza, settings)) return text;
    const foreign = stanza.slice(1).filter((line) => !isOurs(line, settings));
    return [
      ...all.slice(0, start),
      ...(isAutomatic ? [] : [auto]),
      ...body,
      ...foreign,
      ...all.slice(end),
    ].join('\n');
  },
  addressIn(text, device) {
    const all = text.split('\n');
    const start = all.findIndex((line) => isHeaderOf(device, line));
    return start === -1 ? undefined : addressOf(all.slice(start, endOfStanza(all, start)));
  },
  route: {
    // The scripts of that folder are run when a NIC comes up; names with dots are passed over.
    path: ({ address }) => `/etc/network/if-up.d/lvslab-route-${address.replaceAll('.', '-')}`,
    merge: (_text, route) => renderTemplate('route.hbs', { ...route }),
    mode: '0755',
  },
  reload: reloadProfiles,
  atBoot: { program: 'ifup', package: 'ifupdown' },
};

function renderStanza({ device, address, prefix, gateway = '', dns }: InterfaceSettings): string {
  return renderTemplate('interfaces.hbs', { device, address, prefix, gateway, dns: dns.join(' ') });
}

function wordsOf(line: string): readonly string[] {
  return line.trim().split(/\s+/);
}

function isHeaderOf(device: string, line: string): boolean {
  const [keyword, name, family] = wordsOf(line);
  return keyword === 'iface' && name === device && family === 'inet';
}

function isAutomaticLine(device: string, line: string): boolean {
  const [keyword = '', ...names] = wordsOf(line);
  return (keyword === 'auto' || keyword.startsWith('allow-')) && names.includes(device);
}

/** Blank lines and comments before the next stanza belong to that one. */
function endOfStanza(all: readonly string[], start: number): number {
  const next = all.findIndex((line, i) => i > start && STANZA.test(line));
  let end = next === -1 ? all.length : next;
  while (end > start + 1 && /^\s*(#.*)?$/.test(all[end - 1] ?? '')) end -= 1;
  return end;
}

function isOurs(line: string, { gateway, dns }: InterfaceSettings): boolean {
  const [option = ''] = wordsOf(line);
  return (
    ['address', 'netmask', 'broadcast', 'network'].includes(option) ||
    (option === 'gateway' && gateway !== undefined) ||
    (option === 'dns-nameservers' && dns.length > 0)
  );
}

function saysTheSame(
  stanza: readonly string[],
  { address, prefix, gateway, dns }: InterfaceSettings,
): boolean {
  const options = optionsOf(stanza);
  const isOr = (option: string, wanted: string | undefined): boolean =>
    wanted === undefined || wanted === '' || options.get(option) === wanted;
  return (
    addressOf(stanza) === `${address}/${prefix}` &&
    isOr('gateway', gateway) &&
    isOr('dns-nameservers', dns.join(' '))
  );
}

function addressOf(stanza: readonly string[]): string | undefined {
  if (wordsOf(stanza[0] ?? '')[3] !== 'static') return undefined;
  const options = optionsOf(stanza);
  const [host = '', length = options.get('netmask') ?? ''] =
    options.get('address')?.split('/') ?? [];
  return writtenAddress(host, length);
}

function optionsOf([, ...lines]: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lines.map((line) => {
      const [option = '', ...rest] = wordsOf(line);
      return [option, rest.join(' ')];
    }),
  );
}
