import { definePlay, definePlaybook } from 'lvslab';

import { router } from '../../../../playbooks/site.ts';
import { virtualServers } from '../../../../playbooks/virtual-servers.ts';

/** What LVS-DR asks of a real server beside nginx, with a director that is there already. */
export default definePlaybook({
  name: 'a real server with the VIP',
  plays: [virtualServers, definePlay({ ...router, after: [] })],
});
