import { type MakeFromSpec } from '../engine/model/engine-context.ts';
import { LvslabError, MissingOnControllerError } from '../engine/model/failures/errors.ts';
import { type ResourceSpec } from '../engine/model/resource.ts';
import { forgedError, type ResourceKind } from '../engine/model/resource-kind.ts';
import { user } from './accounts/user.ts';
import { configKey } from './files/config-key.ts';
import { directory } from './files/directory.ts';
import { absentFileKind, file } from './files/file.ts';
import { ipvsRulesFileKind } from './ipvs/ipvs-rules-file.ts';
import { ipvsTable } from './ipvs/ipvs-table.ts';
import { kernelModule } from './kernel/kernel-module.ts';
import { unloadedModule } from './kernel/unloaded-module.ts';
import { selinuxBy } from './kernel/selinux.ts';
import { sysctl } from './kernel/sysctl/sysctl.ts';
import { hostRoute } from './network/host-route.ts';
import { liveAddress } from './network/live-address.ts';
import { liveLink } from './network/live-link.ts';
import { liveRoute } from './network/live-route.ts';
import { loopbackBy } from './network/loopback-address.ts';
import { interfaceBy } from './network/interface/network-interface.ts';
import { handStartedNginx } from './nginx/hand-started-nginx.ts';
import { soleOwner } from './network/sole-owner.ts';
import { tunnelAddressKind } from './network/tunnel/tunnel-address.ts';
import { tunnelDevice } from './network/tunnel/tunnel-device.ts';
import { packetFilter } from './network/packet-filter.ts';
import { packetMarksBy } from './network/packet-marks.ts';
import { nginxBuildKind } from './nginx/nginx-build.ts';
import { packagesBy } from './packages/package-set.ts';
import { yumRepositoryKind } from './packages/yum-repository.ts';
import { serviceKind } from './systemd/service.ts';
import { unitDropIn } from './systemd/unit-drop-in.ts';
import { unitFile } from './systemd/unit-file.ts';

/** lvslab's own kinds of resources. */
export const builtInKinds: readonly ResourceKind[] = [
  absentFileKind,
  configKey,
  directory,
  file,
  handStartedNginx,
  hostRoute,
  interfaceBy,
  ipvsRulesFileKind,
  ipvsTable,
  kernelModule,
  liveAddress,
  liveLink,
  liveRoute,
  loopbackBy,
  nginxBuildKind,
  packagesBy,
  packetFilter,
  packetMarksBy,
  selinuxBy,
  serviceKind,
  soleOwner,
  sysctl,
  tunnelAddressKind,
  tunnelDevice,
  unitDropIn,
  unitFile,
  unloadedModule,
  user,
  yumRepositoryKind,
];

/**
 * Makes a resource again from what the journal has of it.
 * @throws MissingOnControllerError for a kind that this lvslab doesn't know; ObserveError for arguments that no lvslab has
 * written.
 */
export function makeFromSpec(spec: ResourceSpec): ReturnType<MakeFromSpec> {
  return makeFromSpecWith([])(spec);
}

/** What makes resources again, those of a person's own kinds included. */
export function makeFromSpecWith(own: readonly ResourceKind[]): MakeFromSpec {
  const known = new Map([...own, ...builtInKinds].map((kind) => [kind.kindName, kind]));
  return ({ kind: name, args }) => {
    const kind = known.get(name);
    if (kind !== undefined) return remake(kind, args);
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
  return builtInKinds.some(({ kindName }) => kindName === name);
}

/** A person's own kind may trip over what a host's journal holds; that must not end the command for all hosts. */
function remake(kind: ResourceKind, args: unknown): ReturnType<MakeFromSpec> {
  try {
    return kind.remake(args);
  } catch (cause) {
    if (cause instanceof LvslabError) throw cause;
    throw forgedError(kind.kindName, cause instanceof Error ? cause.message : String(cause), cause);
  }
}
