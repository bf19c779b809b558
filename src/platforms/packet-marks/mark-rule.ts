/** What a director's packet filter marks for IPVS: packets for these ports of the VIP, and no others. */
export interface MarkRule {
  /** VIP, IPv4 dotted. */
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
  /** 2 to 15, each 1–65535. */
  readonly ports: readonly number[];
  /** 1–4294967295. */
  readonly mark: number;
}

/** A rule as people read it, and as rules are told apart: '192.168.4.133 tcp 80,443 mark 1'. */
export function markText({ address, protocol, ports, mark }: MarkRule): string {
  return `${address} ${protocol} ${inOrder(ports).join(',')} mark ${mark}`;
}

/** In whichever order an inventory has them, the rule is the same. */
export function inOrder(ports: readonly number[]): readonly number[] {
  return ports.toSorted((a, b) => a - b);
}
