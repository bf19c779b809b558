import { type Host } from '../../inventory/inventory.ts';
import { type ProblemList } from '../../inventory/problem-list.ts';
import { InterfaceAddress } from '../../net/interface-address.ts';
import { IpAddress } from '../../net/ip-address.ts';
import { type LabDraft } from '../lab-draft.ts';
import { addressesOf, type OwnAddress } from '../own-addresses.ts';
import { unusableReason } from './unusable-reason.ts';

/** Reports addresses with which no lab can work, whatever its mode. */
export function checkAddresses(draft: LabDraft, problems: ProblemList): void {
  const addresses = addressesOf(draft);
  checkDuplicates(addresses, problems);
  checkManagement(addresses, draft, problems);
  checkVips(draft, problems);
  for (const { label, value, at, owner } of addresses) {
    // Nothing is known of the client's network but that it isn't the real servers'.
    const reason =
      label === 'CIP'
        ? undefined
        : unusableReason(InterfaceAddress.of(IpAddress.of(value), draft.prefix));
    if (reason !== undefined) problems.add(at, `the ${label} ${value} of ${owner.name} ${reason}`);
  }
}

/** Clients find all VIPs in one network: the director answers for them where the first one is. */
function checkVips({ services, prefix }: LabDraft, problems: ProblemList): void {
  const [first, ...others] = services.flatMap(({ vip }) => vip ?? []);
  if (first === undefined) return;
  const { network } = InterfaceAddress.of(IpAddress.of(first.value), prefix);
  for (const value of new Set(others.map((vip) => vip.value))) {
    if (network.contains(IpAddress.of(value))) continue;
    problems.add(
      others.find((vip) => vip.value === value)?.at ?? first.at,
      `the VIP ${value} is not in the network ${network.text} of the VIP ${first.value}: nobody there would find it`,
    );
  }
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
  const hosts = [...draft.directors, ...draft.realServers, ...draft.clients].map(
    ({ host }) => host,
  );
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
