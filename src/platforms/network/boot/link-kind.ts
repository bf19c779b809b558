import { type LinkKind } from './boot-view.ts';

/** What a NIC is now, by its line of `ip -o -d link show`. */
export function linkKindOf(link: string): LinkKind {
  if (/\sbridge\s+(forward_delay|hello_time|ageing_time)\b/.test(link)) return 'bridge';
  if (/\sbond\s+mode\b/.test(link)) return 'bond';
  return /\svlan\s+protocol\b/.test(link) ? 'vlan' : 'plain';
}

/** The bridge or bond that a NIC is a port of now, by its line of `ip -o link show`. */
export function masterOf(link: string): string | undefined {
  return /\smaster\s+(\S+)/.exec(link)?.[1];
}

/** Whether a link is up by somebody's word, by its line of `ip -o link show`; it may lack a carrier all the same. */
export function isLinkUp(link: string): boolean {
  const [, flags = ''] = /<([^>]*)>/.exec(link) ?? [];
  return flags.split(',').includes('UP');
}
