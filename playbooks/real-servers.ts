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
    const { lab, platform, facts, downloads } = context;
    const { nginx, page, port, takesOver = false } = realServerOf(context);
    const { prefix, version } = nginx;
    requireFreePort(facts, { port, unit: 'nginx.service', takesOver });

    const build = nginxBuild({ ...nginx, downloads });
    const configuration = file({
      path: `${prefix}/conf/nginx.conf`,
      content: renderTemplate('nginx.conf.hbs', { port }),
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
      handStartedNginx({ port }),
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
