import path from 'node:path';

import { type Host, type Inventory } from '../inventory/inventory.ts';
import { labDefaults } from '../inventory/variables/lab-variables.ts';
import { type ProblemList } from '../inventory/problem-list.ts';
import { type NginxBuild } from './lab.ts';

/** The nginx that the host's variables ask for; undefined and a problem when its tarball could not be checked. */
export function nginxOf(
  host: Host,
  inventory: Inventory,
  problems: ProblemList,
): NginxBuild | undefined {
  const settings = { ...labDefaults, ...host.settings };
  const { nginx_version: version, nginx_tarball: tarball } = settings;
  if (version !== labDefaults.nginx_version && settings.nginx_sha256 === labDefaults.nginx_sha256) {
    const at = host.vars.get('nginx_version')?.at ?? host.at;
    problems.add(
      at,
      `nginx ${version} of ${host.name} needs its own nginx_sha256: the known one is that of ${labDefaults.nginx_version}`,
    );
    return undefined;
  }
  return {
    version,
    sha256: settings.nginx_sha256,
    url: settings.nginx_url ?? `http://nginx.org/download/nginx-${version}.tar.gz`,
    prefix: settings.nginx_prefix,
    user: settings.nginx_user,
    configureArguments: settings.nginx_configure_args,
    ...(tarball === undefined
      ? {}
      : { tarball: path.resolve(path.dirname(inventory.file), tarball) }),
  };
}
