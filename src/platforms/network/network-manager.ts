import { sh } from '../../engine/model/script.ts';

/** Shell that has NetworkManager read its profiles again, where it runs; what is active stays as it is. */
export const reloadProfiles = sh`
  if [ "$(nmcli -t -f RUNNING general 2>/dev/null)" = running ]; then nmcli connection reload; fi
`;
