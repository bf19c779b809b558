import { type Observed } from '../../engine/model/resource.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
import { type VipDevice } from '../../lab/modes/mode.ts';
import { whoHave } from '../../platforms/network/arp/arp-voices.ts';
import { filledLines } from '../../platforms/sections.ts';
import { parsed } from './observe-parts.ts';
import { isLinkUp } from '../../platforms/network/boot/link-kind.ts';

/** What a real server tells that has the VIP for itself. */
export interface VipState {
  /** By key: 'net.ipv4.conf.all.arp_ignore'. */
  readonly settings: ReadonlyMap<string, Observed<string>>;
  /** '192.168.4.133 on lo', as the device has it. */
  readonly hasVip: Observed<string>;
  /** Whether the device is up: 'up' or 'down'; absent where there is no such device. */
  readonly link: Observed<string>;
  /** Hardware addresses that say on its segment that they have the VIP. */
  readonly heard: Observed<readonly string[]>;
}

/** What it is asked. */
export interface VipQuestion {
  readonly address: string;
  /** Where it shall have it. */
  readonly device: VipDevice;
  /** Keys of its kernel's settings. */
  readonly settings: readonly string[];
}

/** The questions, as scripts; their answers are read by `parseVipState`. */
export function vipScripts(
  nic: string,
  { address, device, settings }: VipQuestion,
): readonly Script[] {
  const hear = sh`
    ${whoHave}
    lvslab_who_have ${nic} ${address}
  `;
  return [
    sh`ip -o -4 addr show dev ${device} to ${`${address}/32`}`,
    hear,
    sh`ip -o link show dev ${device}`,
    ...settings.map((key) => sh`cat ${`/proc/sys/${key.replaceAll('.', '/')}`}`),
  ];
}

/** @param answers to `vipScripts` of the same question. */
export function parseVipState(
  [onDevice, voices, link, ...values]: readonly (Observed<string> | undefined)[],
  { device, settings }: VipQuestion,
): VipState {
  return {
    settings: new Map(
      settings.map((key, i) => [key, parsed(values[i], (text) => text.trim())] as const),
    ),
    hasVip: parseVip(device, onDevice),
    link: parseLink(link),
    heard: parsed(voices, (text) => filledLines(text)),
  };
}

function parseVip(device: VipDevice, read: Observed<string> | undefined): Observed<string> {
  const found = parsed(read, (text) => / inet ([\d.]+)\/32 /.exec(text)?.[1]);
  if (found.kind !== 'value') return found;
  return found.value === undefined
    ? { kind: 'absent' }
    : { kind: 'value', value: `${found.value} on ${device}` };
}

function parseLink(read: Observed<string> | undefined): Observed<string> {
  return parsed(read, (text) => (isLinkUp(text) ? 'up' : 'down'));
}
