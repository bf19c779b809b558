import {
  controllerRoute,
  definePlay,
  definePlaybook,
  networkInterface,
  realServerOf,
  withControllerRoute,
} from 'lvslab';

import { director } from './director.ts';
import { nginxFromSource } from './real-servers.ts';

/** Comes last: from here on, the real servers reach the world through the director alone. */
export const gateway = definePlay({
  name: 'make the director the gateway',
  hosts: 'real_servers',
  // Other modes answer the clients without the director.
  modes: ['nat'],
  after: [director.name],
  resources(context) {
    const { nic } = realServerOf(context);
    return [
      ...controllerRoute(context, nic, context.lab.clients),
      // 2. The gateway
      networkInterface(context, withControllerRoute(context, nic, context.lab.clients)),
    ];
  },
});

export default definePlaybook({
  name: 'LVS-NAT lab',
  plays: [nginxFromSource, director, gateway],
});
