import { type Script } from './shell/script.ts';

/**
 * How a change that may cut the host off is made commit-confirmed, and how the host rolls it back without anybody's help. All of it runs
 * under `set -eu` in a folder of its own on the host, which is there for as long as the change is pending.
 */
export interface RollbackPlan {
  /** Saves into the current folder all that the roll-back needs, and changes nothing else. */
  readonly save: Script;
  /** Fails where the change would do harm that a controller can't see, and says why on standard error. */
  readonly before: Script;
  /** Fails where the host itself can tell that the change, once made, is no good, and says why on standard error. */
  readonly after: Script;
  /** Takes what is read at boot back to what was saved, from any state in between. */
  readonly restorePersistent: Script;
  /** Takes what is in effect now back to what was saved, from any state in between. */
  readonly restoreRunning: Script;
}
