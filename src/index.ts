// What playbooks are made of.
export { definePlay, definePlaybook, type PlayContext, realServerOf } from './playbook.ts';
export { type Play, type Playbook, type ResourceKinds } from './engine/play.ts';
export { type Facts, type NetworkInterface } from './platforms/facts.ts';
export { type Platform } from './platforms/platform.ts';
export {
  type Director,
  type Lab,
  type LabInterface,
  type NginxBuild as NginxOfLab,
  type RealServer,
} from './topology/lab.ts';
export { type Downloads, type SourceTarball } from './resources/source-tarball.ts';
export { renderTemplate } from './templates.ts';

// The kinds of resources.
export { configKey } from './resources/config-key.ts';
export { controllerRoute } from './resources/controller-route.ts';
export { directory } from './resources/directory.ts';
export { absentFile, file } from './resources/file.ts';
export { ipvsModule } from './resources/ipvs-module.ts';
export { ipvsRulesFile } from './resources/ipvs-rules-file.ts';
export { ipvsTable } from './resources/ipvs-table.ts';
export { kernelModule } from './resources/kernel-module.ts';
export { networkInterface } from './resources/network-interface.ts';
export { nginxBuild } from './resources/nginx-build.ts';
export { packageSet } from './resources/package-set.ts';
export { selinux } from './resources/selinux.ts';
export { service } from './resources/service.ts';
export { sysctl } from './resources/sysctl.ts';
export { unitFile } from './resources/unit-file.ts';
export { user } from './resources/user.ts';
export { yumRepository } from './resources/yum-repository.ts';

// What resources of your own are made of.
export {
  absent,
  type Change,
  type Observed,
  type Resource,
  type ResourceSpec,
  type Target,
  unknown,
  type Upload,
  value,
} from './engine/resource.ts';
export {
  convergeFile,
  diffFile,
  type FileState,
  observeFile,
  parseFile,
  removeFile,
  replaceFile,
} from './resources/file-state.ts';
export { lines, quote, type Script, sh, trusted } from './engine/script.ts';
