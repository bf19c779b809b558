/** What the objects of a fleet are called. */
export interface FleetNames {
  /** Of the controller's network namespace; those of the hosts begin with it. */
  readonly name: string;
  readonly folder: string;
  readonly cgroup: string;
}

/** The address of the host with this number, counted from 0. */
export function hostAddress(index: number): string {
  const place = index + 2;
  return `10.86.${Math.floor(place / 250)}.${(place % 250) + 1}`;
}

/** What the hosts have in /srv, and the play of the bench wants there. */
export const hostFiles: Readonly<Record<string, string>> = {
  '/srv/bench/page.html': 'one page\n',
  '/srv/bench/server.conf': 'listen 80\nworkers 2\n',
  '/srv/bench/server.service': '[Service]\nExecStart=/bin/true\n',
  '/srv/bench/notes': 'nobody reads this\n',
};

/** The files that the servers are started with. */
export function fleetFiles({ folder }: FleetNames): Readonly<Record<string, string>> {
  const config = [
    'Port 22',
    'ListenAddress 0.0.0.0',
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    ...['PidFile none', 'PermitRootLogin yes', 'StrictModes no', 'UsePAM no', 'UseDNS no'],
    // Tells of each session; whoever wants to know them counts these lines.
    'LogLevel VERBOSE',
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');
  const files = Object.entries(hostFiles).map(
    ([file, content]) => `cat >${file} <<'END'\n${content}END\n`,
  );
  const stage = [
    'set -eu',
    'mount -t tmpfs -o mode=755 tmpfs /srv',
    'mkdir -p /srv/bench /srv/run/netns /srv/run/sshd /srv/run/systemd/system',
    // What a host runs is none of this machine's; only its network is found where it was.
    'mount --rbind /run/netns /srv/run/netns',
    'mount --rbind /srv/run /run',
    ...files,
    'exec "$@"',
    '',
  ].join('\n');
  return { sshd_config: config, stage };
}

/** Shell that plugs hosts in and starts their servers, from the number `from` to the one before `to`. */
export function addHosts(
  { name, folder }: FleetNames,
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i);
  const plug = numbers.map((i) => plugIn(name, i)).join('');
  // Each runs on when this shell has ended; the control group ends them.
  const start = numbers
    .map(
      (i) =>
        `ip netns exec ${name}-${i} /usr/sbin/sshd -f ${folder}/sshd_config -E ${folder}/log-${i}\n`,
    )
    .join('');
  return `${plug}unshare --mount --propagation private sh ${folder}/stage sh -eu <<'HOSTS'\n${start}HOSTS\n`;
}

/** A cable of its own for each host, without a bridge: no host hears what another is asked. */
function plugIn(name: string, index: number): string {
  const [host, address] = [`${name}-${index}`, hostAddress(index)];
  return `ip netns add ${host}
ip -n ${name} link add to-${index} type veth peer name ens33 netns ${host}
ip -n ${name} link set to-${index} up
ip -n ${host} link set lo up
ip -n ${host} link set ens33 up
ip -n ${host} address add ${address}/16 dev ens33
ip -n ${name} route add ${address} dev to-${index} src 10.86.0.1
`;
}
