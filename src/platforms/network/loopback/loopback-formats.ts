import { sh } from '../../../engine/model/shell/script.ts';
import { InterfaceAddress } from '../../../net/interface-address.ts';
import { renderTemplate } from '../../../templates.ts';
import { parseAssignments } from '../../shell-assignments.ts';
import { loopbackLabel } from './loopback-label.ts';
import { unitFormat } from './loopback-unit.ts';
import { type LoopbackFormat } from './loopback-format.ts';
import { type NetworkBackendName } from '../network-backend.ts';

const MAIN_FILE = '/etc/network/interfaces';

/** A file of its own in the folder that the main one reads, else a stanza at the end of that. */
const ifupdown: LoopbackFormat = {
  locate(address) {
    const label = loopbackLabel(address);
    const stanza = `^[[:space:]]*iface[[:space:]]+${label}[[:space:]]+inet[[:space:]]`;
    return sh`
      path=$(grep -lEs ${stanza} ${MAIN_FILE} ${MAIN_FILE}.d/* | head -n 1)
      if [ -z "$path" ] &&
        grep -qEs '^[[:space:]]*source(-directory)?[[:space:]].*interfaces[.]d' ${MAIN_FILE}; then
        path=${`${MAIN_FILE}.d/lvslab-${label.replace(':', '-')}`}
      fi
      path=\${path:-${MAIN_FILE}}
    `;
  },
  merge(text, address) {
    const device = loopbackLabel(address);
    const fresh = renderTemplate('interfaces.hbs', {
      ...{ device, address, prefix: 32, gateway: '', dns: '' },
    });
    if (text === undefined) return fresh;
    const [first = '', second = '', third = ''] = fresh.split('\n').map((line) => line.trim());
    const lines = text.split('\n').map((line) => line.trim());
    const at = lines.indexOf(second);
    if (at !== -1 && lines[at + 1] === third && lines.includes(first)) return text;
    // What somebody made of our stanza goes with it; the name is nobody else's.
    const kept = text.split('\n').filter((_, i) => {
      const isOurs = lines[i] === first || lines[i] === second;
      return !isOurs && !(at !== -1 && i === at + 1);
    });
    const before = kept.join('\n').replace(/\n*$/, '');
    return before === '' ? fresh : `${before}\n\n${fresh}`;
  },
};

/** An alias of the device, in a file of its own. */
const ifcfg: LoopbackFormat = {
  locate: (address) => sh`path=${`/etc/sysconfig/network-scripts/ifcfg-${loopbackLabel(address)}`}`,
  // Without a mask of its own it would get that of the loopback device, and with it every address that begins alike.
  merge(text, address) {
    const device = loopbackLabel(address);
    return saysAlias(text, address) ? text : renderTemplate('ifcfg-lo.hbs', { device, address });
  },
};

function saysAlias(text: string | undefined, address: string): text is string {
  const has = new Map(parseAssignments(text ?? ''));
  const length = has.get('PREFIX') ?? has.get('NETMASK') ?? '';
  const written = InterfaceAddress.parseParts(has.get('IPADDR') ?? '', length);
  return (
    has.get('DEVICE') === loopbackLabel(address) &&
    has.get('ONPARENT') !== 'no' &&
    written?.text === `${address}/32`
  );
}

/** The ways of configuring the network that know the loopback device. */
const own: Partial<Readonly<Record<NetworkBackendName, LoopbackFormat>>> = { ifupdown, ifcfg };

/** Whether nothing of this way itself gives the loopback device its addresses at boot: a unit of systemd's does. */
export function needsUnit(name: NetworkBackendName): boolean {
  return own[name] === undefined;
}

/** Where an address of the loopback device is written down, where NICs are configured in this way. */
export function loopbackFormat(name: NetworkBackendName): LoopbackFormat {
  return own[name] ?? unitFormat;
}
