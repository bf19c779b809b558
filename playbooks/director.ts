import {
  configKey,
  definePlay,
  definePlaybook,
  directorOf,
  ipvsModule,
  ipvsRulesFile,
  ipvsTable,
  networkInterface,
  packageRepositories,
  packageSet,
  service,
  sysctl,
} from 'lvslab';

/** The load balancer: it forwards, it has both its addresses, and it holds the virtual service, also after a reboot. */
export const director = definePlay({
  name: 'set up the director',
  hosts: 'director',
  resources(context) {
    const { lab, platform, facts } = context;
    const { packages, rulesFile } = platform;
    const { inside, outside } = directorOf(context);

    return [
      // 1. What the mode needs, for LVS-NAT forwarding; the director's own firewall would drop what it forwards
      service({ name: 'firewalld', enabled: false, active: false }),
      ...lab.mode.directorSettings.map(({ key, value }) =>
        sysctl({ key, value, nics: [outside.device, inside.device] }),
      ),
      // 2. Two NICs
      networkInterface(context, inside),
      networkInterface(context, outside, [inside]),
      // 4. The virtual service
      ...packageRepositories(context, lab),
      ...lab.services.map((virtual) => ipvsModule(facts, virtual)),
      packageSet(platform, packages.ipvsadm),
      // 5. Its real servers
      ...lab.services.map((virtual) => ipvsTable(virtual)),
      // 4. Save the rules where they are restored from
      ...lab.services.map((virtual) => ipvsRulesFile(rulesFile.path, virtual)),
      ...(rulesFile.switch === undefined ? [] : [configKey(rulesFile.switch)]),
      service({
        name: rulesFile.service,
        enabled: true,
        active: true,
        quietly: true,
        loads: rulesFile.path,
      }),
    ];
  },
});

export default definePlaybook({ name: 'director', plays: [director] });
