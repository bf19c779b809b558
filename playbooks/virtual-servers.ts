import {
  definePlay,
  definePlaybook,
  ipipModule,
  loopbackAddress,
  realServerOf,
  sysctl,
  tunnelAddress,
  tunnelDevice,
  vipDeviceOf,
  virtualAddresses,
} from 'lvslab';

/**
 * Where each real server answers as the VIP: it has the address for itself, and tells nobody. First it learns to be silent,
 * then it gets the address, at the end its tunnel comes up, if it has one; undone, it goes the other way round.
 */
export const virtualServers = definePlay({
  name: 'give the real servers the VIP',
  hosts: 'real_servers',
  modes: ['dr', 'tun'],
  resources(context) {
    const { lab, facts } = context;
    const { nic } = realServerOf(context);
    const isTunnel = lab.mode.vipDevice === 'tunl0';
    return [
      ...(isTunnel ? [ipipModule(facts)] : []),
      ...lab.mode.realServerSettings.map(({ key, value, comesWith }) =>
        sysctl({ key, value, ...(comesWith !== undefined && { comesWith }) }),
      ),
      ...virtualAddresses(lab).flatMap((address) =>
        vipDeviceOf(lab, address) === 'tunl0'
          ? tunnelAddress(address)
          : loopbackAddress(context, address, nic.device),
      ),
      ...(isTunnel ? [tunnelDevice({})] : []),
    ];
  },
});

export default definePlaybook({ name: 'real servers with the VIP', plays: [virtualServers] });
