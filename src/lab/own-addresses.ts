import { type Host } from '../inventory/inventory.ts';
import { type LabDraft } from './lab-draft.ts';
import { type Placed } from './settings.ts';

/** An address of the lab: what it is called, whose it is, where it is set. */
export interface OwnAddress extends Placed<string> {
  readonly label: 'VIP' | 'DIP' | 'RIP' | 'CIP';
  readonly owner: Host;
}

/** All addresses of a lab that are known, IPv4 dotted: the directors', the real servers', the clients'. */
export function addressesOf({
  directors,
  services,
  realServers,
  clients,
}: LabDraft): readonly OwnAddress[] {
  const own = (
    label: OwnAddress['label'],
    owner: Host,
    address: Placed<string> | undefined,
  ): OwnAddress[] => (address === undefined ? [] : [{ label, owner, ...address }]);
  return [
    // Several services may have one VIP.
    ...services
      .filter(({ vip }, i) => services.findIndex((other) => other.vip?.value === vip?.value) === i)
      .flatMap(({ vip, director }) => own('VIP', director, vip)),
    ...directors.flatMap(({ host, dip }) => own('DIP', host, dip)),
    ...realServers.flatMap(({ host, rip }) => own('RIP', host, rip)),
    ...clients.flatMap(({ host, cip }) => own('CIP', host, cip)),
  ];
}
