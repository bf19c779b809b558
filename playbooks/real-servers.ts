import {
  definePlay,
  definePlaybook,
  file,
  handStartedNginx,
  nginxBuild,
  packageRepositories,
  packageSet,
  realServerOf,
  renderTemplate,
  requireFreePort,
  selinux,
  service,
  unitFile,
  user,
} from 'lvslab';

/** Everything on a real server that needs the internet, and all else that doesn't need the director. */
export const nginxFromSource = definePlay({
  name: 'install nginx',
  hosts: 'real_servers',
  resources(context) {
    const { name, lab, platform, facts, downloads, builds } = context;
    const server = realServerOf(context);
    const { nic, nginx, page, listeners, takesOver = false, buildsAlone = false } = server;
    const { prefix, version } = nginx;
    const portsOf = (protocol: string): readonly number[] =>
      listeners.flatMap((one) => (one.protocol === protocol ? [one.port] : []));
    for (const port of portsOf('tcp')) {
      requireFreePort(facts, { port, unit: 'nginx.service', takesOver });
    }

    const system = [facts.osId, facts.release, facts.architecture].join(' ');
    const build = nginxBuild({
      ...{ ...nginx, downloads },
      ...(builds !== undefined && !buildsAlone && { sharing: { builds, host: name, system } }),
    });
    const configuration = file({
      path: `${prefix}/conf/nginx.conf`,
      content: renderTemplate('nginx.conf.hbs', {
        tcpPorts: portsOf('tcp'),
        udpPorts: portsOf('udp'),
        rip: nic.address,
      }),
    });
    const unit = unitFile({
      name: 'nginx.service',
      content: renderTemplate('nginx.service.hbs', { version, prefix }),
    });

    return [
      // 1. nginx
      ...packageRepositories(context, lab),
      packageSet(platform, platform.packages.toBuildNginx(facts, version)),
      user({ name: nginx.user, shell: platform.noLoginShell }),
      ...portsOf('tcp').map((port) => handStartedNginx({ port })),
      build,
      // 2. The test page
      file({
        path: `${prefix}/html/index.html`,
        content: renderTemplate('index.html.hbs', { page }),
      }),
      // 3. Start nginx, now and at every boot
      configuration,
      unit,
      service({
        name: 'nginx',
        enabled: true,
        active: true,
        startedWith: [build, configuration, unit],
      }),
      // 3. Firewall and SELinux off
      service({ name: 'firewalld', enabled: false, active: false }),
      selinux(lab.selinux, platform),
    ];
  },
});

export default definePlaybook({ name: 'real servers', plays: [nginxFromSource] });
