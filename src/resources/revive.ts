import { MissingOnControllerError } from '../engine/errors.ts';
import { type ResourceKinds } from '../engine/play.ts';
import { type Resource, type ResourceSpec } from '../engine/resource.ts';
import { type Revive } from '../engine/revert.ts';
import { configKey } from './config-key.ts';
import { directory } from './directory.ts';
import { absentFile, file } from './file.ts';
import { hostRoute } from './host-route.ts';
import { ipvsRulesFile } from './ipvs-rules-file.ts';
import { ipvsTable } from './ipvs-table.ts';
import { kernelModule } from './kernel-module.ts';
import { interfaceBy } from './network-interface.ts';
import { nginxBuild } from './nginx-build.ts';
import { packagesBy } from './package-set.ts';
import { selinux } from './selinux.ts';
import { service } from './service.ts';
import { sysctl } from './sysctl.ts';
import { unitFile } from './unit-file.ts';
import { user } from './user.ts';
import { yumRepository } from './yum-repository.ts';

/** A kind of resource that takes back what it wrote into its own spec. */
function kind(make: (args: never) => Resource): (args: unknown) => Resource {
  return (args) => make(args as never);
}

const kinds: ReadonlyMap<string, (args: unknown) => Resource> = new Map([
  ['absent-file', kind(({ path }: { path: string }) => absentFile(path))],
  ['config-key', kind(configKey)],
  ['directory', kind(directory)],
  ['file', kind(file)],
  ['host-route', kind(hostRoute)],
  ['ipvs-rules-file', kind((args: RulesFileArgs) => ipvsRulesFile(args.path, args.service))],
  ['ipvs-table', kind(ipvsTable)],
  ['kernel-module', kind(kernelModule)],
  ['network-interface', kind(interfaceBy)],
  ['nginx-build', kind(nginxBuild)],
  ['package-set', kind(packagesBy)],
  ['selinux', kind(selinux)],
  ['service', kind(service)],
  ['sysctl', kind(sysctl)],
  ['unit-file', kind(unitFile)],
  ['user', kind(user)],
  ['yum-repository', kind((args: RepositoryArgs) => yumRepository(args, args.vaultUrl))],
]);

interface RulesFileArgs {
  readonly path: string;
  readonly service: Parameters<typeof ipvsRulesFile>[1];
}

type RepositoryArgs = Parameters<typeof yumRepository>[0] & { readonly vaultUrl: string };

/**
 * Makes a resource again from what the journal has of it.
 * @throws MissingOnControllerError for a kind that this lvslab doesn't know.
 */
export function reviveResource(spec: ResourceSpec): Resource {
  return reviveWith({})(spec);
}

/** What makes resources again, those of a person's own kinds included. */
export function reviveWith(own: ResourceKinds): Revive {
  return ({ kind: name, args }) => {
    const make = kinds.get(name) ?? (Object.hasOwn(own, name) ? own[name] : undefined);
    if (make !== undefined) return make(args as never);
    throw new MissingOnControllerError(
      `the host's journal names a kind of resource that is not known here: '${name}'`,
      {
        step: 'journal',
        hint: 'If a playbook of your own made it, give that with `lvslab … --playbook FILE`; else use the lvslab that made the change, or a newer one.',
      },
    );
  };
}

/** Whether lvslab itself has a kind of this name. */
export function isBuiltIn(name: string): boolean {
  return kinds.has(name);
}
