import { inFront, type Script, sh } from '../../engine/model/shell/script.ts';

/**
 * Shell with $lvslab_login, 'ADDRESS PORT ADDRESS PORT' of this connection's far and near end, as the SSH server says; '' on this
 * machine itself. sudo drops the variable that holds it; the processes that started it still have it.
 */
export const login: Script = inFront('the login', {
  kind: 'reading',
  wanted: new Set(),
  make: () => sh`
    lvslab_login=\${SSH_CONNECTION-} lvslab_process=$$
    while [ -z "$lvslab_login" ] && [ "$lvslab_process" -gt 1 ]; do
      lvslab_login=$(tr '\0' '\n' <"/proc/$lvslab_process/environ" | sed -n 's/^SSH_CONNECTION=//p')
      lvslab_process=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$lvslab_process/status")
    done 2>/dev/null
  `,
});
