import { type Inventory } from '../inventory/inventory.ts';
import { labDefaults } from '../inventory/variables/lab-variables.ts';
import { ProblemList } from '../inventory/problem-list.ts';
import { type VirtualService } from '../ipvs/virtual-service.ts';
import { checkAddresses } from './check-addresses.ts';
import { checkPages, checkService } from './check-service.ts';
import { type Client, type Director, type Lab, type RealServer } from './lab.ts';
import { draftLab, type LabDraft, type RealServerDraft } from './lab-draft.ts';
import { nginxOf } from './nginx-of.ts';
import { readRoles } from './roles.ts';

/**
 * The lab that the inventory describes.
 * @throws InventoryError with every reason why it could not work, and where each stands
 */
export function labFrom(inventory: Inventory): Lab {
  const problems: ProblemList = new ProblemList();
  const { director: host, ...roles } = readRoles(inventory, problems);
  if (host === undefined) return problems.stop();
  const draft = draftLab({ director: host, ...roles }, problems);
  checkAddresses(draft, problems);
  checkService(draft, problems);
  const realServers = draft.realServers.flatMap((server) =>
    realServer(server, draft, inventory, problems),
  );
  checkPages(inventory, realServers, problems);
  const director = directorOf(draft);
  problems.throwIfAny();
  if (director === undefined) return problems.stop();
  return {
    director,
    realServers,
    clients: draft.clients.flatMap(({ host: { name }, cip }): Client[] =>
      cip === undefined ? [] : [{ name, address: cip.value }],
    ),
    service: serviceOf(draft, director, realServers),
    selinux: draft.selinux,
    vaultUrl: draft.vaultUrl,
  };
}

function directorOf({
  director,
  vip,
  dip,
  outsideDevice,
  insideDevice,
  prefix,
}: LabDraft): Director | undefined {
  const complete = vip !== undefined && dip !== undefined && outsideDevice !== undefined;
  if (!complete || insideDevice === undefined) return undefined;
  return {
    name: director.name,
    outside: { device: outsideDevice.value, address: vip.value, prefix, dns: [] },
    inside: { device: insideDevice.value, address: dip.value, prefix, dns: [] },
  };
}

function realServer(
  { host, rip, device, port, weight }: RealServerDraft,
  { dip, prefix }: LabDraft,
  inventory: Inventory,
  problems: ProblemList,
): readonly RealServer[] {
  const nginx = nginxOf(host, inventory, problems);
  if (nginx === undefined || rip === undefined || device === undefined || dip === undefined)
    return [];
  const dns = host.settings.lvs_dns ?? labDefaults.lvs_dns;
  return [
    {
      name: host.name,
      nic: { device: device.value, address: rip.value, prefix, gateway: dip.value, dns },
      port,
      weight: weight.value,
      page: host.settings.lvs_page ?? `I am ${rip.value}`,
      nginx,
    },
  ];
}

function serviceOf(
  { port, scheduler }: LabDraft,
  director: Director,
  realServers: readonly RealServer[],
): VirtualService {
  return {
    protocol: 'tcp',
    address: director.outside.address,
    port,
    scheduler: scheduler.value,
    destinations: realServers.map((server) => ({
      address: server.nic.address,
      port: server.port,
      method: 'masquerading',
      weight: server.weight,
    })),
  };
}
