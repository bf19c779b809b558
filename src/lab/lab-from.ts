import { type Host, type Inventory } from '../inventory/inventory.ts';
import { labDefaults } from '../inventory/variables/lab-variables.ts';
import { ProblemList } from '../inventory/problem-list.ts';
import { type Destination, type VirtualService } from '../ipvs/virtual-service.ts';
import { checkAddresses } from './checks/check-addresses.ts';
import { provisionableDirectors } from './checks/check-provisionable.ts';
import { checkPages, checkServices } from './checks/check-service.ts';
import {
  type Client,
  type Director,
  type Lab,
  type LabInterface,
  type Listener,
  type NginxBuild,
  type RealServer,
} from './lab.ts';
import {
  type DirectorDraft,
  draftLab,
  type LabDraft,
  type RealServerDraft,
  type ServiceDraft,
} from './lab-draft.ts';
import { networksOf } from './lab-networks.ts';
import { checkModes } from './checks/check-modes.ts';
import { type Mode } from './modes/mode.ts';
import { modeNamed, modesIn } from './modes/modes.ts';
import { nginxOf } from './nginx-of.ts';
import { readRoles } from './roles.ts';
import {
  listeningPorts,
  optionsOf,
  portOf,
  thresholdsOf,
  usualPortOf,
  vipsOf,
  weightOf,
} from './service-of-draft.ts';

/**
 * The lab that the inventory describes.
 * @throws InventoryError with every reason why it could not work, and where each stands
 */
export function labFrom(inventory: Inventory): Lab {
  const problems: ProblemList = new ProblemList();
  const roles = readRoles(inventory, problems);
  const [first, ...others] = provisionableDirectors(roles.directors, problems);
  if (first === undefined) return problems.stop();
  const draft = draftLab({ ...roles, directors: [first, ...others] }, problems);
  // Each asks more of the hosts than the one before.
  const mode = modesIn(draft.services).at(-1) ?? modeNamed(labDefaults.lvs_mode);
  checkAddresses(draft, problems);
  checkServices(draft, problems);
  checkModes(draft, problems);
  const realServers = draft.realServers.flatMap((server) =>
    realServer(server, { draft, mode, inventory, problems }),
  );
  checkPages(inventory, realServers, problems);
  const directors = draft.directors.flatMap((director) => directorOf(director, draft));
  problems.throwIfAny();
  const clients = draft.clients.flatMap(({ host: { name }, cip }): Client[] =>
    cip === undefined ? [] : [{ name, address: cip.value }],
  );
  return {
    mode,
    networks: networksOf({ directors, realServers, clients }),
    directors,
    realServers,
    clients,
    services: draft.services.flatMap((service) => serviceOf(service, draft.realServers)),
    selinux: draft.selinux,
    vaultUrl: draft.vaultUrl,
  };
}

function directorOf(
  { host, dip, outsideDevice, insideDevice }: DirectorDraft,
  { services, prefix }: LabDraft,
): readonly Director[] {
  const [vip, ...others] = vipsOf(services.filter(({ director }) => director === host));
  const complete = vip !== undefined && dip !== undefined && outsideDevice !== undefined;
  if (!complete || insideDevice === undefined) return [];
  const { name } = host;
  const inside = { device: insideDevice.value, address: dip.value, prefix, dns: [] };
  if (outsideDevice.value === inside.device) {
    return [{ name, outside: inside, inside, loopback: [vip, ...others] }];
  }
  const outside = { device: outsideDevice.value, address: vip, prefix, dns: [] };
  return [{ name, outside, inside, ...(others.length > 0 && { loopback: others }) }];
}

function realServer(
  server: RealServerDraft,
  {
    draft: { directors, services, prefix },
    mode,
    inventory,
    problems,
  }: {
    readonly draft: LabDraft;
    readonly mode: Mode;
    readonly inventory: Inventory;
    readonly problems: ProblemList;
  },
): readonly RealServer[] {
  const { host, rip, device } = server;
  const nginx = nginxOf(host, inventory, problems);
  const dip = directors.find((director) => director.dip !== undefined)?.dip?.value;
  if (nginx === undefined || rip === undefined || device === undefined || dip === undefined)
    return [];
  const nic = nicOf(
    host,
    { device: device.value, address: rip.value, prefix },
    mode.gatewayFor(dip, host.settings.lvs_gateway),
  );
  const listeners = listenersOf(server, services);
  return [
    {
      name: host.name,
      nic,
      port: usualPortOf(server, services),
      weight: server.weight.value,
      listeners,
      page: host.settings.lvs_page ?? `I am ${rip.value}`,
      nginx: ableTo(nginx, listeners),
      ...aboutNginx(host),
    },
  ];
}

function aboutNginx({ settings }: Host): Pick<RealServer, 'buildsAlone' | 'takesOver'> {
  return {
    ...(settings.nginx_build === 'each' && { buildsAlone: true }),
    ...(settings.nginx_takeover === true && { takesOver: true }),
  };
}

function nicOf(
  { settings }: Host,
  own: Pick<LabInterface, 'device' | 'address' | 'prefix'>,
  gateway: string | undefined,
): LabInterface {
  const dns = settings.lvs_dns ?? labDefaults.lvs_dns;
  return { ...own, ...(gateway !== undefined && { gateway }), dns };
}

/** nginx built with what it needs for its listeners: only its stream module knows UDP. */
function ableTo(nginx: NginxBuild, listeners: readonly Listener[]): NginxBuild {
  const { configureArguments } = nginx;
  const isUdp = listeners.some(({ protocol }) => protocol === 'udp');
  if (!isUdp || configureArguments.includes('--with-stream')) return nginx;
  return { ...nginx, configureArguments: [...configureArguments, '--with-stream'] };
}

/** All that nginx has to answer there, each once. */
function listenersOf(
  server: RealServerDraft,
  services: readonly ServiceDraft[],
): readonly Listener[] {
  const all = services.flatMap((service) =>
    listeningPorts(server, service).map((port) => ({ protocol: service.protocol, port })),
  );
  return all.filter(
    ({ protocol, port }, i) =>
      all.findIndex((other) => other.protocol === protocol && other.port === port) === i,
  );
}

function serviceOf(
  service: ServiceDraft,
  realServers: readonly RealServerDraft[],
): readonly VirtualService[] {
  const { vip, port, marked, protocol, scheduler } = service;
  if (vip === undefined) return [];
  const options = optionsOf(service);
  const { method } = modeNamed(service.mode);
  return [
    {
      protocol,
      address: vip.value,
      port,
      ...marked,
      scheduler: scheduler.value,
      ...(options !== '' && { options }),
      destinations: realServers.flatMap((server) => destinationOf(server, service, method)),
    },
  ];
}

function destinationOf(
  server: RealServerDraft,
  service: ServiceDraft,
  method: Mode['method'],
): readonly Destination[] {
  const { rip } = server;
  if (rip === undefined) return [];
  const port = service.marked === undefined ? portOf(server, service) : 0;
  const weight = weightOf(server, service);
  const options = thresholdsOf(server, service);
  return [{ address: rip.value, port, method, weight, ...(options !== '' && { options }) }];
}
