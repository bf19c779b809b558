// What playbooks are made of.
export {
  definePlay,
  definePlaybook,
  directorOf,
  type LabPlay,
  type LabPlaybook,
  type PlayContext,
  realServerOf,
  virtualAddresses,
} from './playbook.ts';
export { type Play, type Playbook } from './engine/model/play.ts';
export { type Facts, type NetworkInterface } from './platforms/facts/facts.ts';
export { requireFreePort } from './platforms/facts/listeners.ts';
export { type Platform } from './platforms/platform.ts';
export {
  type Attachment,
  type Client,
  type Director,
  type Lab,
  type LabInterface,
  type LabNetwork,
  type NginxBuild as NginxOfLab,
  type RealServer,
} from './lab/lab.ts';
export { vipDeviceOf } from './lab/lab-of-service.ts';
export { type Mode } from './lab/modes/mode.ts';
export { type ModeName } from './lab/modes/modes.ts';
export { type Downloads, type SourceTarball } from './resources/nginx/source-tarball.ts';
export { renderTemplate } from './templates.ts';

// The kinds of resources.
export { configKey } from './resources/files/config-key.ts';
export { controllerRoute, withControllerRoute } from './resources/network/controller-route.ts';
export { directory } from './resources/files/directory.ts';
export { absentFile, file } from './resources/files/file.ts';
export { ipipModule } from './resources/kernel/ipip-module.ts';
export { ipvsModule } from './resources/ipvs/ipvs-module.ts';
export { ipvsRulesFile } from './resources/ipvs/ipvs-rules-file.ts';
export { hasThresholds } from './ipvs/thresholds.ts';
export { ipvsTable } from './resources/ipvs/ipvs-table.ts';
export { kernelModule } from './resources/kernel/kernel-module.ts';
export { loopbackAddress } from './resources/network/loopback-address.ts';
export { networkInterface } from './resources/network/interface/network-interface.ts';
export { handStartedNginx } from './resources/nginx/hand-started-nginx.ts';
export { nginxBuild } from './resources/nginx/nginx-build.ts';
export { packageRepositories } from './resources/packages/package-repositories.ts';
export { packetMarks } from './resources/network/packet-marks.ts';
export { packageSet } from './resources/packages/package-set.ts';
export { selinux } from './resources/kernel/selinux.ts';
export { service } from './resources/systemd/service.ts';
export { soleOwner } from './resources/network/sole-owner.ts';
export { sysctl } from './resources/kernel/sysctl/sysctl.ts';
export { tunnelAddress } from './resources/network/tunnel/tunnel-address.ts';
export { tunnelDevice } from './resources/network/tunnel/tunnel-device.ts';
export { dropInFolder, unitDropIn } from './resources/systemd/unit-drop-in.ts';
export { unitFile } from './resources/systemd/unit-file.ts';
export { user } from './resources/accounts/user.ts';
export { yumRepository } from './resources/packages/yum-repository.ts';

// What resources of your own are made of.
export {
  absent,
  type Change,
  type Observed,
  type Past,
  type Resource,
  type ResourceSpec,
  type Target,
  type UndoPolicy,
  unknown,
  type Upload,
  value,
} from './engine/model/resource.ts';
export { defineKind, type DefinedKind, type ResourceKind } from './engine/model/resource-kind.ts';
export {
  convergeFile,
  diffFile,
  type FileAim,
  type FileState,
  fileState,
  observeFile,
  parseFile,
  removeFile,
  replaceFile,
} from './resources/files/file-state.ts';
export { fieldChange, fieldChanges } from './resources/field-changes.ts';
export { z } from 'zod';
export { lines, quote, type Script, sh, trusted } from './engine/model/shell/script.ts';
