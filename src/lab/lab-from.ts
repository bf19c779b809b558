import { type Host, type Inventory } from '../inventory/inventory.ts';
import { labDefaults } from '../inventory/variables/lab-variables.ts';
import { ProblemList } from '../inventory/problem-list.ts';
import { type VirtualService } from '../ipvs/virtual-service.ts';
import { checkAddresses } from './check-addresses.ts';
import { provisionableDirectors } from './check-provisionable.ts';
import { checkPages, checkServices } from './check-service.ts';
import { type Client, type Director, type Lab, type LabInterface, type RealServer } from './lab.ts';
import {
  type DirectorDraft,
  draftLab,
  type LabDraft,
  type RealServerDraft,
  type ServiceDraft,
} from './lab-draft.ts';
import { networksOf } from './lab-networks.ts';
import { type Mode } from './modes/mode.ts';
import { modeNamed } from './modes/modes.ts';
import { nginxOf } from './nginx-of.ts';
import { readRoles } from './roles.ts';

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
  const { mode } = modeNamed(draft.mode.value);
  checkAddresses(draft, problems);
  checkServices(draft, problems);
  mode?.check(draft, problems);
  const realServers = draft.realServers.flatMap((server) =>
    realServer(server, { draft, mode, inventory, problems }),
  );
  checkPages(inventory, realServers, problems);
  const directors = draft.directors.flatMap((director) => directorOf(director, draft));
  problems.throwIfAny();
  if (mode === undefined) return problems.stop();
  const clients = draft.clients.flatMap(({ host: { name }, cip }): Client[] =>
    cip === undefined ? [] : [{ name, address: cip.value }],
  );
  return {
    mode,
    networks: networksOf({ directors, realServers, clients }),
    directors,
    realServers,
    clients,
    services: draft.services.flatMap((service) => serviceOf(service, mode, realServers)),
    selinux: draft.selinux,
    vaultUrl: draft.vaultUrl,
  };
}

function directorOf(
  { host, dip, outsideDevice, insideDevice }: DirectorDraft,
  { services, prefix }: LabDraft,
): readonly Director[] {
  const vip = services.find(({ director }) => director === host)?.vip;
  const complete = vip !== undefined && dip !== undefined && outsideDevice !== undefined;
  if (!complete || insideDevice === undefined) return [];
  return [
    {
      name: host.name,
      outside: { device: outsideDevice.value, address: vip.value, prefix, dns: [] },
      inside: { device: insideDevice.value, address: dip.value, prefix, dns: [] },
    },
  ];
}

function realServer(
  { host, rip, device, port, weight }: RealServerDraft,
  {
    draft: { directors, prefix },
    mode,
    inventory,
    problems,
  }: {
    readonly draft: LabDraft;
    readonly mode: Mode | undefined;
    readonly inventory: Inventory;
    readonly problems: ProblemList;
  },
): readonly RealServer[] {
  const nginx = nginxOf(host, inventory, problems);
  const dip = directors.find((director) => director.dip !== undefined)?.dip;
  if (nginx === undefined || rip === undefined || device === undefined || dip === undefined)
    return [];
  const gateway = mode?.gatewayFor(dip.value);
  const nic: LabInterface = {
    device: device.value,
    address: rip.value,
    prefix,
    ...(gateway !== undefined && { gateway }),
    dns: host.settings.lvs_dns ?? labDefaults.lvs_dns,
  };
  return [
    {
      name: host.name,
      nic,
      port,
      weight: weight.value,
      page: host.settings.lvs_page ?? `I am ${rip.value}`,
      nginx,
      ...takeover(host),
    },
  ];
}

function takeover({ settings }: Host): Pick<RealServer, 'takesOver'> {
  return settings.nginx_takeover === true ? { takesOver: true } : {};
}

function serviceOf(
  { vip, port, scheduler }: ServiceDraft,
  { method }: Mode,
  realServers: readonly RealServer[],
): readonly VirtualService[] {
  if (vip === undefined) return [];
  return [
    {
      protocol: 'tcp',
      address: vip.value,
      port,
      scheduler: scheduler.value,
      destinations: realServers.map((server) => ({
        address: server.nic.address,
        port: server.port,
        method,
        weight: server.weight,
      })),
    },
  ];
}
