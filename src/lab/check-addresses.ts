import { type Host } from '../inventory/inventory.ts';
import { type ProblemList } from '../inventory/problem-list.ts';
import { type LabDraft } from './lab-draft.ts';
import { InterfaceAddress } from '../net/interface-address.ts';
import { IpAddress } from '../net/ip-address.ts';
import { unusableReason } from './networks.ts';
import { type Placed } from './settings.ts';

/** An address of the lab: what it is called, whose it is, where it is set. */
interface OwnAddress extends Placed<string> {
  readonly label: 'VIP' | 'DIP' | 'RIP' | 'CIP';
  readonly owner: Host;
}

/** Reports addresses with which LVS-NAT can't work, and what would happen with them. */
export function checkAddresses(draft: LabDraft, problems: ProblemList): void {
  const addresses = addressesOf(draft);
  checkDuplicates(addresses, problems);
  checkManagement(addresses, draft, problems);
  for (const { label, value, at, owner } of addresses) {
    // Nothing is known of the client's network but that it isn't the real servers'.
    const reason =
      label === 'CIP'
        ? undefined
        : unusableReason(InterfaceAddress.of(IpAddress.of(value), draft.prefix));
    if (reason !== undefined) problems.add(at, `the ${label} ${value} of ${owner.name} ${reason}`);
  }
  if (draft.dip !== undefined)
    checkInsideNetwork(addresses, draft.dip.value, draft.prefix, problems);
}

function addressesOf({
  director,
  vip,
  dip,
  realServers,
  clients,
}: LabDraft): readonly OwnAddress[] {
  const own = (
    label: OwnAddress['label'],
    owner: Host,
    address: Placed<string> | undefined,
  ): OwnAddress[] => (address === undefined ? [] : [{ label, owner, ...address }]);
  return [
    ...own('VIP', director, vip),
    ...own('DIP', director, dip),
    ...realServers.flatMap(({ host, rip }) => own('RIP', host, rip)),
    ...clients.flatMap(({ host, cip }) => own('CIP', host, cip)),
  ];
}

function checkDuplicates(addresses: readonly OwnAddress[], problems: ProblemList): void {
  const seen = new Map<string, OwnAddress>();
  for (const address of addresses) {
    const { label, value, at, owner } = address;
    const first = seen.get(value);
    if (first === undefined) seen.set(value, address);
    else
      problems.add(
        at,
        `the ${label} ${value} of ${owner.name} is already the ${first.label} of ${first.owner.name}`,
      );
  }
}

/** Two names for one machine would set it up twice, and against each other. */
function checkManagement(
  addresses: readonly OwnAddress[],
  draft: LabDraft,
  problems: ProblemList,
): void {
  const hosts = [
    draft.director,
    ...draft.realServers.map(({ host }) => host),
    ...draft.clients.map(({ host }) => host),
  ];
  const seen = new Map<string, Host>();
  for (const host of hosts) {
    const at = host.vars.get('ansible_host')?.at ?? host.at;
    const first = seen.get(wayTo(host));
    if (first === undefined) seen.set(wayTo(host), host);
    else problems.add(at, `${host.name} is reached the same way as ${first.name}: ${place(host)}`);
    for (const { label, value, owner } of addresses) {
      if (owner === host || host.connection.host !== value || sshPort(host) !== sshPort(owner))
        continue;
      problems.add(
        at,
        `${host.name} is reached at ${value}, which is the ${label} of ${owner.name}`,
      );
    }
  }
}

/** Behind different proxies one address can mean different machines. */
function wayTo({ connection }: Host): string {
  if (connection.type === 'local') return 'local';
  const { host, port = 22, sshCommonArgs = '', sshExtraArgs = '' } = connection;
  return [host.toLowerCase(), port, sshCommonArgs, sshExtraArgs].join('\n');
}

function place(host: Host): string {
  const { connection } = host;
  return connection.type === 'local'
    ? 'both are this machine'
    : `${connection.host}, port ${sshPort(host)}`;
}

function sshPort({ connection }: Host): number {
  return connection.port ?? 22;
}

function checkInsideNetwork(
  addresses: readonly OwnAddress[],
  dip: string,
  prefix: number,
  problems: ProblemList,
): void {
  const inside = InterfaceAddress.of(IpAddress.of(dip), prefix).network;
  for (const { label, value, at, owner } of addresses) {
    const isInside = inside.contains(IpAddress.of(value));
    if (label === 'RIP' && !isInside) {
      problems.add(
        at,
        `the RIP ${value} of ${owner.name} is not in the network ${inside.text} of the DIP ${dip}, which can't be its gateway then`,
      );
    } else if (label === 'VIP' && isInside) {
      problems.add(
        at,
        `the VIP ${value} is in the real servers' network ${inside.text}: clients there are answered past the director, and drop the answers`,
      );
    } else if (label === 'CIP' && isInside) {
      problems.add(
        at,
        `the CIP ${value} of ${owner.name} is in the real servers' network ${inside.text}: they would answer it past the director, and it would drop the answers`,
      );
    }
  }
}
