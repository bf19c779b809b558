import {
  configKey,
  definePlay,
  definePlaybook,
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

    return [
      // 1. Forwarding; the director's own firewall would drop what it forwards
      service({ name: 'firewalld', enabled: false, active: false }),
      sysctl({ key: 'net.ipv4.ip_forward', value: '1' }),
      // 2. Two NICs
      networkInterface(context, lab.director.inside),
      networkInterface(context, lab.director.outside),
      // 4. The virtual service
      ...(platform.needsVault(facts) ? [yumRepository(facts, lab.vaultUrl)] : []),
      ipvsModule(facts, lab.service),
      packageSet(platform, ['ipvsadm']),
      // 5. Its real servers
      ipvsTable(lab.service),
      // 4. Save the rules where they are restored from
      ipvsRulesFile(rulesFile, lab.service),
      ...(ipvsSwitch === undefined ? [] : [configKey(ipvsSwitch)]),
      service({ name: 'ipvsadm', enabled: true, active: true, quietly: true }),
    ];
  },
});

export default definePlaybook({ name: 'director', plays: [director] });
