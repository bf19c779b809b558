import { type Resource } from '../../src/engine/model/resource.ts';
import {
  absentFile,
  configKey,
  directory,
  file,
  handStartedNginx,
  ipvsModule,
  ipvsRulesFile,
  ipvsTable,
  kernelModule,
  networkInterface,
  nginxBuild,
  packageSet,
  selinux,
  service,
  soleOwner,
  sysctl,
  tunnelDevice,
  unitDropIn,
  unitFile,
  user,
  yumRepository,
} from '../../src/index.ts';
import { type Facts } from '../../src/platforms/facts/facts.ts';
import { openDownloads } from '../../src/downloads/fetch-tarball.ts';
import { openSharedBuilds } from '../../src/downloads/shared-builds.ts';
import { loopbackBy } from '../../src/resources/network/loopback-address.ts';
import { hostRoute } from '../../src/resources/network/host-route.ts';
import { liveAddress } from '../../src/resources/network/live-address.ts';
import { liveLink } from '../../src/resources/network/live-link.ts';
import { liveRoute } from '../../src/resources/network/live-route.ts';
import { tunnelAddressKind } from '../../src/resources/network/tunnel/tunnel-address.ts';
import { packetMarksBy } from '../../src/resources/network/packet-marks.ts';
import { packetFilter } from '../../src/resources/network/packet-filter.ts';
import { unloadedModule } from '../../src/resources/kernel/unloaded-module.ts';
import { type HostRoute } from '../../src/platforms/network/network-backend.ts';
import { detectPlatform } from '../../src/platforms/detect-platform.ts';
import { type VirtualService } from '../../src/ipvs/virtual-service.ts';
import { type InterfaceSettings } from '../../src/platforms/network/network-backend.ts';
import { type NginxBuildOptions } from '../../src/resources/nginx/nginx-build.ts';
import {
  debianFacts,
  el7Facts,
  rocky9Facts,
  stream8Facts,
  ubuntuFacts,
} from './samples/sample-facts.ts';

/** A kind of resource, made from plain data that is trusted to be its options. */
function kind(make: (options: never, facts: Facts) => Resource) {
  return (options: unknown, facts: Facts): Resource => make(options as never, facts);
}

/** All kinds of resources; the kind is the beginning of a case's file name. */
export const resourceKinds = {
  'absent-file': kind(({ path }: { path: string }) => absentFile(path)),
  'config-key': kind(configKey),
  directory: kind(directory),
  file: kind(file),
  'hand-started-nginx': kind(handStartedNginx),
  'host-route': kind((route: HostRoute, facts) => {
    const { network } = detectPlatform(facts);
    return hostRoute({ networkConfiguration: network.name, route });
  }),
  'ipvs-module': kind((_options, facts) => ipvsModule(facts)),
  'ipvs-rules-file': kind(({ path, service: wanted }: { path: string; service: VirtualService }) =>
    ipvsRulesFile(path, [wanted]),
  ),
  'ipvs-table': kind(ipvsTable),
  'kernel-module': kind(kernelModule),
  'live-address': kind(liveAddress),
  'live-link': kind(liveLink),
  'live-route': kind(liveRoute),
  'loopback-address': kind(({ address }: { address: string }, facts) =>
    loopbackBy({ networkConfiguration: detectPlatform(facts).network.name, address }),
  ),
  'network-interface': kind((options: InterfaceSettings, facts) =>
    networkInterface({ platform: detectPlatform(facts), facts: withNic(facts, options) }, options),
  ),
  'nginx-build': kind(
    ({
      isShared = false,
      ...options
    }: Omit<NginxBuildOptions, 'downloads'> & { readonly isShared?: boolean }) => {
      const builds = openSharedBuilds('/nowhere', { onRefused: () => undefined });
      const sharing = { builds, host: 'rs1', system: 'centos 7.5.1804 x86_64' };
      return nginxBuild({
        ...{ ...options, downloads: openDownloads('/nowhere') },
        ...(isShared && { sharing }),
      });
    },
  ),
  'packet-filter': kind(packetFilter),
  'packet-marks': kind(({ rules }: { readonly rules: never }, facts) =>
    packetMarksBy({ filter: detectPlatform(facts).packetMarks.name, rules }),
  ),
  'package-set': kind(({ names }: { names: readonly string[] }, facts) =>
    packageSet(detectPlatform(facts), names),
  ),
  selinux: kind(({ mode }: { mode: 'disabled' | 'permissive' }, facts) =>
    selinux(mode, detectPlatform(facts)),
  ),
  service: kind(service),
  'sole-owner': kind(soleOwner),
  sysctl: kind(sysctl),
  'tunnel-address': kind(tunnelAddressKind),
  'tunnel-device': kind(tunnelDevice),
  'unloaded-module': kind(unloadedModule),
  'unit-drop-in': kind(unitDropIn),
  'unit-file': kind(unitFile),
  user: kind(user),
  'yum-repository': kind(({ vaultUrl }: { vaultUrl: string }, facts) =>
    yumRepository(facts, vaultUrl),
  ),
};

/** The facts of a host of each platform. */
export const factsOf = {
  el7: el7Facts,
  el8: stream8Facts,
  el9: rocky9Facts,
  debian: debianFacts,
  ubuntu: ubuntuFacts,
} as const;

/** The facts of the host that a case is about, which its name tells: 'service-debian-no-firewall'. */
function factsFor(name: string): Facts {
  const found = Object.entries(factsOf).find(([platform]) => name.includes(`-${platform}-`));
  return found === undefined ? el7Facts : found[1];
}

/** Makes a resource of a kind from the options of a case. */
export function makeResource(name: string, options: unknown, facts: Facts): Resource {
  const make = new Map(Object.entries(resourceKinds)).get(name);
  if (make === undefined) throw new Error(`no kind of resource is called '${name}'`);
  return make(options, facts);
}

/** The kind that a case is about, which the beginning of its file name tells. */
export function kindOfCase(name: string): string {
  const isAbout = (kind: string): boolean =>
    Object.keys(factsOf).some((platform) => name.startsWith(`${kind}-${platform}-`));
  return Object.keys(resourceKinds).find(isAbout) ?? name;
}

/** The resource that a case is about. */
export function resourceOfCase(name: string, options: unknown): Resource {
  return makeResource(kindOfCase(name), options, factsFor(name));
}

/** A case's NIC is there, whatever the sample host has. */
function withNic(facts: Facts, { device }: InterfaceSettings): Facts {
  if (facts.interfaces.some((nic) => nic.device === device)) return facts;
  const nic = { device, mac: '00:0c:29:53:71:ac', up: true, addresses: [] };
  return { ...facts, interfaces: [...facts.interfaces, nic] };
}
