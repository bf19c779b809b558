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
import { virtualServers } from './virtual-servers.ts';

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

/** Comes last, too: only once the director hands packets on without rewriting them must the replies not pass it. */
export const router = definePlay({
  name: 'make a router the gateway',
  hosts: 'real_servers',
  modes: ['dr', 'tun'],
  after: [director.name],
  resources(context) {
    const { nic } = realServerOf(context);
    if (nic.gateway === undefined) return [];
    return [
      ...controllerRoute(context, nic, context.lab.clients),
      networkInterface(context, withControllerRoute(context, nic, context.lab.clients)),
    ];
  },
});

export default definePlaybook({
  // Whatever the mode: what another mode needed, and this one doesn't, is undone by its next apply.
  name: 'LVS-NAT lab',
  plays: [
    nginxFromSource,
    virtualServers,
    // Real servers with the VIP hide it before the director has it: else they would be asked.
    { ...director, after: [virtualServers.name] },
    gateway,
    router,
  ],
});
