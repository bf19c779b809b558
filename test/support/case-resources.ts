import { type Resource } from '../../src/engine/resource.ts';
import {
  absentFile,
  configKey,
  directory,
  file,
  ipvsModule,
  ipvsRulesFile,
  ipvsTable,
  kernelModule,
  networkInterface,
  nginxBuild,
  packageSet,
  selinux,
  service,
  sysctl,
  unitFile,
  user,
  yumRepository,
} from '../../src/index.ts';
import { type Facts } from '../../src/platforms/facts.ts';
import { detectPlatform } from '../../src/platforms/detect-platform.ts';
import { debianFacts, el7Facts } from './sample-facts.ts';

/** All kinds of resources, made from plain data; the kind is the first word of a case's file name. */
export const resourceKinds = {
  'absent-file': ({ path }) => absentFile(path),
  'config-key': (options) => configKey(options),
  directory: (options) => directory(options),
  file: (options) => file(options),
  'ipvs-module': (_options, facts) => ipvsModule(facts),
  'ipvs-rules-file': ({ path, service }) => ipvsRulesFile(path, service),
  'ipvs-table': (options) => ipvsTable(options),
  'kernel-module': (options) => kernelModule(options),
  'network-interface': (options, facts) =>
    networkInterface({ platform: detectPlatform(facts), facts }, options),
  'nginx-build': (options) => nginxBuild({ ...options, downloads: '/nowhere' }),
  'package-set': ({ names }, facts) => packageSet(detectPlatform(facts), names),
  selinux: ({ mode }) => selinux(mode),
  service: (options) => service(options),
  sysctl: (options) => sysctl(options),
  'unit-file': (options) => unitFile(options),
  user: (options) => user(options),
  'yum-repository': ({ vaultUrl }, facts) => yumRepository(facts, vaultUrl),
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- options come from data files
} satisfies Record<string, (options: any, facts: Facts) => Resource>;

export type ResourceKind = keyof typeof resourceKinds;

/** The facts of a host of each platform. */
export const factsOf = { el7: el7Facts, debian: debianFacts } as const;

/** Makes a resource of a kind from the options of a case. */
export function makeResource(kind: string, options: unknown, facts: Facts): Resource {
  if (!(kind in resourceKinds)) throw new Error(`no kind of resource is called '${kind}'`);
  return (resourceKinds[kind as ResourceKind] as (options: unknown, facts: Facts) => Resource)(
    options,
    facts,
  );
}
