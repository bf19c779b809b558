import {
  configKey,
  definePlay,
  definePlaybook,
  directorOf,
  directory,
  dropInFolder,
  hasThresholds,
  ipvsModule,
  ipvsRulesFile,
  ipvsTable,
  loopbackAddress,
  networkInterface,
  packageRepositories,
  packageSet,
  packetMarks,
  renderTemplate,
  service,
  soleOwner,
  sysctl,
  unitDropIn,
  vipDeviceOf,
  virtualAddresses,
} from 'lvslab';

/** The load balancer: it forwards, it has both its addresses, and it holds the virtual service, also after a reboot. */
export const director = definePlay({
  name: 'set up the director',
  hosts: 'director',
  resources(context) {
    const { lab, platform, facts } = context;
    const { packages, rulesFile } = platform;
    const { inside, outside, loopback = [] } = directorOf(context);
    const vips = virtualAddresses(lab);
    const addresses = loopback.flatMap((address) =>
      loopbackAddress(context, address, inside.device),
    );

    return [
      // 1. What the mode needs, for LVS-NAT forwarding; the director's own firewall would drop what it forwards
      service({ name: 'firewalld', enabled: false, active: false }),
      ...lab.mode.directorSettings.map(({ key, value }) =>
        sysctl({ key, value, nics: [...new Set([outside.device, inside.device])] }),
      ),
      // 2. Two NICs
      networkInterface(context, inside),
      ...(outside === inside ? [] : [networkInterface(context, outside, [inside])]),
      // 4. The virtual service
      ...packageRepositories(context, lab),
      ipvsModule(facts, lab.services),
      packageSet(platform, packages.ipvsadm),
      // All packages come before what needs any of them: undone, they go together
      ...(lab.services.some(({ mark }) => mark !== undefined)
        ? [packageSet(platform, platform.packetMarks.packages)]
        : []),
      // 5. Its real servers
      ...lab.services.map((virtual) => ipvsTable(virtual)),
      // Services of several ports are known by a mark, which the packet filter gives to their packets
      ...packetMarks(context, lab.services),
      // Addresses that are on no NIC come once IPVS takes what is sent to them
      ...addresses,
      // 4. Save the rules where they are restored from
      ipvsRulesFile(rulesFile.path, lab.services),
      ...(rulesFile.switch === undefined ? [] : [configKey(rulesFile.switch)]),
      ...(rulesFile.isSavedAtStop && lab.services.some(hasThresholds)
        ? [
            directory({ path: dropInFolder(`${rulesFile.service}.service`) }),
            unitDropIn({
              unit: `${rulesFile.service}.service`,
              name: 'lvslab',
              content: renderTemplate('ipvsadm-stop.conf.hbs', {}),
            }),
          ]
        : []),
      service({
        name: rulesFile.service,
        enabled: true,
        active: true,
        quietly: true,
        loads: rulesFile.path,
      }),
      // Clients learn who has the VIP, and who has it no longer
      ...(lab.mode.askedAt === 'rip'
        ? []
        : vips.map((address) =>
            soleOwner({
              device: outside.device,
              address,
              after: [
                `network interface ${outside.device}`,
                `address ${address} on lo`,
                ...(vipDeviceOf(lab, address) === 'tunl0' ? [`address ${address} on tunl0`] : []),
                ...lab.mode.realServerSettings.map(({ key }) => `sysctl ${key}`),
              ],
            }),
          )),
    ];
  },
});

export default definePlaybook({ name: 'director', plays: [director] });
