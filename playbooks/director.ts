import {
  configKey,
  definePlay,
  definePlaybook,
  directorOf,
  ipvsModule,
  ipvsRulesFile,
  ipvsTable,
  networkInterface,
  packageSet,
  service,
  sysctl,
  yumRepository,
} from 'lvslab';

/** The load balancer: it forwards, it has both its addresses, and it holds the virtual service, also after a reboot. */
export const director = definePlay({
  name: 'set up the director',
  hosts: 'director',
  resources(context) {
    const { lab, platform, facts } = context;
    const { ipvsRulesFile: rulesFile, ipvsSwitch } = platform;
    const { inside, outside } = directorOf(context);

    return [
      // 1. What the mode needs, for LVS-NAT forwarding; the director's own firewall would drop what it forwards
      service({ name: 'firewalld', enabled: false, active: false }),
      ...lab.mode.directorSettings.map(({ key, value }) => sysctl({ key, value })),
      // 2. Two NICs
      networkInterface(context, inside),
      networkInterface(context, outside),
      // 4. The virtual service
      ...(platform.needsVault(facts) ? [yumRepository(facts, lab.vaultUrl)] : []),
      ...lab.services.map((virtual) => ipvsModule(facts, virtual)),
      packageSet(platform, ['ipvsadm']),
      // 5. Its real servers
      ...lab.services.map((virtual) => ipvsTable(virtual)),
      // 4. Save the rules where they are restored from
      ...lab.services.map((virtual) => ipvsRulesFile(rulesFile, virtual)),
      ...(ipvsSwitch === undefined ? [] : [configKey(ipvsSwitch)]),
      service({ name: 'ipvsadm', enabled: true, active: true, quietly: true }),
    ];
  },
});

export default definePlaybook({ name: 'director', plays: [director] });
