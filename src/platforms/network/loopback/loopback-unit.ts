import { sh } from '../../../engine/model/shell/script.ts';
import { renderTemplate } from '../../../templates.ts';
import { loopbackLabel } from './loopback-label.ts';
import { type LoopbackFormat } from './loopback-format.ts';

/** The unit of systemd's that gives the loopback device an address at boot: 'lvslab-address-192-168-4-133.service'. */
export function loopbackUnit(address: string): string {
  return `lvslab-address-${address.replaceAll('.', '-')}.service`;
}

/** Where nothing of the system's own configures the loopback device. */
export const unitFormat: LoopbackFormat = {
  locate: (address) => sh`path=${`/etc/systemd/system/${loopbackUnit(address)}`}`,
  merge: (_text, address) =>
    renderTemplate('loopback.service.hbs', { address, label: loopbackLabel(address) }),
};
