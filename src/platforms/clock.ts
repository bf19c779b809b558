import { inFront, type Script, sh } from '../engine/model/shell/script.ts';

/** Shell with $lvslab_now, the host's clock when the reading began, in seconds since 1970. */
export const clock: Script = inFront('the clock', {
  kind: 'reading',
  wanted: new Set(),
  make: () => sh`lvslab_now=$(date +%s)`,
});
