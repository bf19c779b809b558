import { type Observed } from '../../engine/model/resource.ts';
import { type Script, sh } from '../../engine/model/script.ts';
import { whoHave } from '../../platforms/network/arp-voices.ts';
import { filledLines } from '../../platforms/sections.ts';
import { parsed } from './observe-parts.ts';

/** What a real server tells that has the VIP for itself. */
export interface VipState {
  /** By key: 'net.ipv4.conf.all.arp_ignore'. */
  readonly settings: ReadonlyMap<string, Observed<string>>;
  /** '192.168.4.133 on lo', as its loopback device has it. */
  readonly hasVip: Observed<string>;
  /** Hardware addresses that say on its segment that they have the VIP. */
  readonly heard: Observed<readonly string[]>;
}

/** What it is asked. */
export interface VipQuestion {
  readonly address: string;
  /** Keys of its kernel's settings. */
  readonly settings: readonly string[];
}

/** The questions, as scripts; their answers are read by `parseVipState`. */
export function vipScripts(device: string, { address, settings }: VipQuestion): readonly Script[] {
  const hear = sh`
    ${whoHave}
    lvslab_who_have ${device} ${address}
  `;
  return [
    sh`ip -o -4 addr show dev lo to ${`${address}/32`}`,
    hear,
    ...settings.map((key) => sh`cat ${`/proc/sys/${key.replaceAll('.', '/')}`}`),
  ];
}

/** @param answers to `vipScripts` of the same question. */
export function parseVipState(
  [onLoopback, voices, ...values]: readonly (Observed<string> | undefined)[],
  { settings }: VipQuestion,
): VipState {
  return {
    settings: new Map(
      settings.map((key, i) => [key, parsed(values[i], (text) => text.trim())] as const),
    ),
    hasVip: parseVip(onLoopback),
    heard: parsed(voices, (text) => filledLines(text)),
  };
}

function parseVip(read: Observed<string> | undefined): Observed<string> {
  const found = parsed(read, (text) => / inet ([\d.]+)\/32 /.exec(text)?.[1]);
  if (found.kind !== 'value') return found;
  return found.value === undefined
    ? { kind: 'absent' }
    : { kind: 'value', value: `${found.value} on lo` };
}
