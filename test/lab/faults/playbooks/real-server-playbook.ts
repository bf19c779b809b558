import { definePlay, definePlaybook } from 'lvslab';

import { nginxFromSource } from '../../../../playbooks/real-servers.ts';
import { gateway } from '../../../../playbooks/site.ts';

/** All that is done to a real server, with a director that is there already. */
export default definePlaybook({
  name: 'a whole real server',
  plays: [nginxFromSource, definePlay({ ...gateway, after: [] })],
});
