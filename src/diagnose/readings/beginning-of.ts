import { type Script, sh } from '../../engine/model/shell/script.ts';

/** Nothing that a host prints in one place is longer; what is beyond is cut off there. */
const MOST_BYTES = 400_000;

/** What a program ends with that was cut off because nobody read on. */
const CUT_OFF = 141;

/**
 * Prints the beginning of what a script prints, and ends as that does: a pipe to `head` alone would say that all went well
 * whatever went wrong before it.
 */
export function beginningOf(script: Script): Script {
  return sh`
    {
      ended=$({
        {
          (
          ${script}
          )
          echo "$?" >&4
        } | head -c ${MOST_BYTES} >&3
      } 4>&1)
    } 3>&1
    case $ended in 0 | ${CUT_OFF}) ;; *) exit "\${ended:-1}" ;; esac
  `;
}
