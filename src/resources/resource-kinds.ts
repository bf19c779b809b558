import { type z } from 'zod';
import { DownloadError, LvslabError, MissingOnControllerError } from '../engine/model/errors.ts';
import { type ResourceKinds } from '../engine/model/play.ts';
import { type Resource, type ResourceSpec } from '../engine/model/resource.ts';
import { type MakeFromSpec } from '../engine/journal/plan-undo.ts';
import { configKey } from './files/config-key.ts';
import { directory } from './files/directory.ts';
import { absentFile, file } from './files/file.ts';
import { hostRoute } from './network/host-route.ts';
import { ipvsRulesFile } from './ipvs/ipvs-rules-file.ts';
import { ipvsTable } from './ipvs/ipvs-table.ts';
import { kernelModule } from './kernel/kernel-module.ts';
import { interfaceBy } from './network/network-interface.ts';
import { nginxBuild } from './nginx/nginx-build.ts';
import { packagesBy } from './packages/package-set.ts';
import { forgedError, type KindName, parseSpec } from './parse-spec.ts';
import { selinux } from './kernel/selinux.ts';
import { service } from './systemd/service.ts';
import { type Downloads } from './nginx/source-tarball.ts';
import { specSchemas } from './spec-schemas.ts';
import { stateSchemas } from './state-schemas.ts';
import { sysctl } from './kernel/sysctl.ts';
import { unitFile } from './systemd/unit-file.ts';
import { user } from './accounts/user.ts';
import { yumRepository } from './packages/yum-repository.ts';

/** What is made again goes back to a state of before, for which nothing is sent. */
const nothingToFetch: Downloads = {
  fetch: ({ url }) =>
    Promise.reject(new DownloadError(`${url} is not to be fetched`, { step: 'download' })),
};

/** Makes a resource of each kind again from what it wrote into its own spec. */
const makers: { readonly [K in KindName]: (args: z.infer<(typeof specSchemas)[K]>) => Resource } = {
  'absent-file': ({ path }) => absentFile(path),
  'config-key': configKey,
  directory,
  file,
  'host-route': hostRoute,
  'ipvs-rules-file': (args) => ipvsRulesFile(args.path, args.service),
  'ipvs-table': ipvsTable,
  'kernel-module': kernelModule,
  'network-interface': (args) => interfaceBy(args),
  'nginx-build': (args) => nginxBuild({ ...args, downloads: nothingToFetch }),
  'package-set': packagesBy,
  selinux,
  service,
  sysctl,
  'unit-file': unitFile,
  user,
  'yum-repository': (args) => yumRepository(args, args.vaultUrl),
};

/**
 * Makes a resource again from what the journal has of it.
 * @throws MissingOnControllerError for a kind that this lvslab doesn't know; ObserveError for arguments that no lvslab has
 * written.
 */
export function makeFromSpec(spec: ResourceSpec): Resource {
  return makeFromSpecWith({})(spec);
}

/** What makes resources again, those of a person's own kinds included. */
export function makeFromSpecWith(own: ResourceKinds): MakeFromSpec {
  return ({ kind, args }) => {
    if (isBuiltIn(kind)) return makeBuiltIn(kind, args);
    if (Object.hasOwn(own, kind) && own[kind] !== undefined) return makeOwn(kind, own[kind], args);
    throw new MissingOnControllerError(
      `the host's journal names a kind of resource that is not known here: '${kind}'`,
      {
        step: 'journal',
        hint: 'If a playbook of your own made it, give that with `lvslab … --playbook FILE`; else use the lvslab that made the change, or a newer one.',
      },
    );
  };
}

/** Whether lvslab itself has a kind of this name. */
export function isBuiltIn(name: string): name is KindName {
  return Object.hasOwn(specSchemas, name);
}

function makeBuiltIn(kind: KindName, args: unknown): Resource {
  const maker = makers[kind] as (args: unknown) => Resource;
  const resource = maker(parseSpec(kind, args));
  return { ...resource, isState: (state) => stateSchemas[kind].safeParse(state).success };
}

/** A person's own kind may trip over what a host's journal holds; that must not end the command for all hosts. */
function makeOwn(kind: string, maker: (args: never) => Resource, args: unknown): Resource {
  try {
    return maker(args as never);
  } catch (cause) {
    if (cause instanceof LvslabError) throw cause;
    throw forgedError(kind, cause instanceof Error ? cause.message : String(cause), cause);
  }
}
