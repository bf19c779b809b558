import { createHash } from 'node:crypto';

/** The UUID of a card's network profile: always the same for a card, as an installer's is, and no two cards' alike. */
export function nicUuid(mac: string): string {
  const hex = createHash('sha256').update(mac).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}
