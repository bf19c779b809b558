import {
  definePlay,
  definePlaybook,
  loopbackAddress,
  realServerOf,
  sysctl,
  virtualAddresses,
} from 'lvslab';

/**
 * Where each real server answers as the VIP: it has the address for itself, and tells nobody. First it learns to be silent,
 * then it gets the address; undone, the address goes first.
 */
export const virtualServers = definePlay({
  name: 'give the real servers the VIP',
  hosts: 'real_servers',
  modes: ['dr'],
  resources(context) {
    const { lab } = context;
    const { nic } = realServerOf(context);
    return [
      ...lab.mode.realServerSettings.map(({ key, value }) => sysctl({ key, value })),
      ...virtualAddresses(lab).flatMap((address) => loopbackAddress(context, address, nic.device)),
    ];
  },
});

export default definePlaybook({ name: 'real servers with the VIP', plays: [virtualServers] });
