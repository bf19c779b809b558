/**
 * What a pending change is called on its host. The words are those of earlier versions, and stay: a change that one of
 * them left pending has to be found, and ended by its own script.
 */

/** Beginnings of the names of the folders of changes that are being prepared, pending, and ended. */
export const PREFIX = {
  preparing: 'preparing.',
  pending: 'undecided.',
  ended: 'decided.',
} as const;

/** The script in a change's folder that ends it. */
export const END_SCRIPT = 'decide';

/** What the end script is told, and answers: the change is to be rolled back. */
export const ROLL_BACK = 'reverted';

/** The systemd unit that rolls a change back, without what follows the dot. */
export function unitNameOf(change: string): string {
  return `lvslab-revert-${change}`;
}
