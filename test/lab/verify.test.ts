import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { bringUp } from '../../src/embedded/bring-up.ts';
import { labNamed } from '../../src/embedded/embedded-lab.ts';
import { labHosts } from '../../src/embedded/lab/lab-hosts.ts';
import { sshOptions, userKey } from '../../src/embedded/lab/lab-ssh.ts';
import { takeDown } from '../../src/embedded/take-down.ts';
import { type Connection } from '../../src/engine/model/connection.ts';
import { quote, type Script, sh, trusted } from '../../src/engine/model/shell/script.ts';
import { type VirtualService } from '../../src/ipvs/virtual-service.ts';
import { type Director, type Lab, type RealServer } from '../../src/lab/lab.ts';
import { networksOf } from '../../src/lab/lab-networks.ts';
import { nat } from '../../src/lab/modes/nat.ts';
import { openConnection } from '../../src/transport/open-connection.ts';
import { drillLab } from '../../src/verify/drill-lab.ts';
import { type LabUnderTest } from '../../src/verify/lab-under-test.ts';
import { type Check } from '../../src/verify/report.ts';
import { StoppedServers } from '../../src/verify/stopped-servers.ts';
import { verifyLab } from '../../src/verify/verify-lab.ts';

const identity = labNamed('lvvrf');
const connections = new Map<string, Connection>();
const opened: Connection[] = [];

const VIP = '192.168.4.133';
const DIP = '192.168.2.130';
const nginx = {
  version: '1.22.1',
  sha256: '',
  url: '',
  prefix: '/usr/local/nginx',
  user: 'nginx',
  configureArguments: [],
};

const realServers: readonly RealServer[] = [
  { name: 'rs1', device: 'ens37', address: '192.168.2.128', weight: 1 },
  { name: 'rs2', device: 'ens33', address: '192.168.2.129', weight: 2 },
].map(({ name, device, address, weight }) => ({
  name,
  nic: { device, address, prefix: 24, gateway: DIP, dns: [] },
  port: 80,
  weight,
  listeners: [{ protocol: 'tcp' as const, port: 80 }],
  page: `I am ${address}`,
  nginx,
}));

const director: Director = {
  name: 'director',
  outside: { device: 'ens37', address: VIP, prefix: 24, dns: [] },
  inside: { device: 'ens33', address: DIP, prefix: 24, dns: [] },
};

const service: VirtualService = {
  protocol: 'tcp',
  address: VIP,
  port: 80,
  scheduler: 'wrr',
  destinations: realServers.map(({ nic, port, weight }) => {
    return { address: nic.address, port, weight, method: 'masquerading' };
  }),
};

const clients = [{ name: 'client', address: '192.168.4.132' }];

const lab: Lab = {
  mode: nat,
  networks: networksOf({ directors: [director], realServers, clients }),
  directors: [director],
  realServers,
  clients,
  services: [service],
  selinux: 'disabled',
  vaultUrl: 'http://127.0.0.1',
};

/** A web server of few lines that listens, answers and logs as nginx does, and is ready when its start returns. */
const SERVER = `
use IO::Socket::INET;
my ($page, $log) = @ARGV;
my $listener = IO::Socket::INET->new(LocalPort => 80, Listen => 128, ReuseAddr => 1) or die $!;
exit if fork;
while (my $client = $listener->accept) {
  my $request = <$client>;
  while (my $header = <$client>) { last if $header =~ /^\\r?$/ }
  $request =~ s/\\r?\\n//;
  open my $file, '>>', $log or die $!;
  printf $file qq{%s - - [now] "%s" 200 %d "-" "-"\\n}, $client->peerhost, $request, 1 + length $page;
  close $file;
  printf $client "HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n%s\\n", 1 + length $page, $page;
  close $client;
}
`;

beforeAll(async () => {
  await bringUp({ ...identity, flavour: 'debian', accelerator: 'auto', report: () => undefined });
  await Promise.all(labHosts.map(async ({ name }) => connections.set(name, await open(name))));
  await run('director', directorSetUp());
  await Promise.all(realServers.map((server) => run(server.name, realServerSetUp(server))));
}, 400_000);

afterAll(async () => {
  await Promise.all(opened.map((connection) => connection.close()));
  await takeDown({ ...identity, report: () => undefined });
}, 60_000);

describe('on real IPVS', () => {
  test('300 requests are 100 and 200 by all three sources, and the rules survive a restart', async () => {
    const report = await verifyLab(underTest(), { requests: 300, restart: true });
    expect(failed(report.checks)).toEqual([]);
    expect(report).toMatchObject({
      verdict: 'ok',
      clientAddress: '192.168.4.132',
      servers: [
        { name: 'rs1', bodies: 100, connections: 100, logged: 100 },
        { name: 'rs2', bodies: 200, connections: 200, logged: 200 },
      ],
    });
  }, 120_000);

  test('a restart that would take away what others have is not tried, until the file holds that, too', async () => {
    const table = sh`ipvsadm -S -n`;
    const name = 'rules survive a restart of their service';
    const restart = async (): Promise<Check | undefined> => {
      const { checks } = await verifyLab(underTest(), { requests: 6, restart: true });
      expect(failed(checks)).toEqual([]);
      return checks.find((check) => check.name === name);
    };
    await run(
      'director',
      sh`
        ipvsadm -A -t 10.9.0.1:80 -s rr
        ipvsadm -a -t 10.9.0.1:80 -r 10.9.0.7:80 -m
        ipvsadm -A -f 9 -s rr
      `,
    );
    const before = await run('director', table);
    const skipped = await restart();
    expect(skipped).toMatchObject({ verdict: 'skipped', actual: 'not tried' });
    expect(skipped?.explanation).toContain('-A -t 10.9.0.1:80 -s rr, and 2 more');
    expect(await run('director', table)).toBe(before);
    await run('director', sh`ipvsadm -S -n >/etc/ipvsadm.rules`);
    expect(await restart()).toMatchObject({ verdict: 'ok' });
    expect(await run('director', table)).toBe(before);
    await run(
      'director',
      sh`
      ipvsadm -D -t 10.9.0.1:80
      ipvsadm -D -f 9
      ipvsadm -S -n >/etc/ipvsadm.rules
    `,
    );
  }, 120_000);

  test('a director that does not forward lets requests time out', async () => {
    await run('director', sh`sysctl -qw net.ipv4.ip_forward=0`);
    const report = await verifyLab(underTest(), { requests: 30, restart: false });
    await run('director', sh`sysctl -qw net.ipv4.ip_forward=1`);
    expect(report.requests).toMatchObject({ asked: 30, made: 5, timedOut: 5 });
    expect(failed(report.checks)).toContain('director forwards packets');
  }, 120_000);

  test("a real server whose gateway isn't the director loses its share", async () => {
    await run('rs1', sh`ip route replace default via 192.168.2.1`);
    const report = await verifyLab(underTest(), { requests: 6, restart: false });
    await run('rs1', sh`ip route replace default via ${DIP}`);
    expect(report.requests).toMatchObject({ answered: 4, timedOut: 2 });
    expect(failed(report.checks)).toContain('rs1 replies through the director');
    expect(failed(report.checks)).not.toContain('rs2 replies through the director');
  }, 120_000);

  test("the tutorial's last experiment: two of three refused, then all, then whole again", async () => {
    const report = await drillLab(underTest(), { reconnect: open, pause: sleep });
    expect(
      report.phases.flatMap(({ checks }) => checks.filter((c) => c.verdict === 'failed')),
    ).toEqual([]);
    expect(
      report.phases.map(({ title, requests }) => [title, requests.answered, requests.refused]),
    ).toEqual([
      ['all running', 30, 0],
      ['rs2 stopped', 10, 20],
      ['rs2 and rs1 stopped', 0, 30],
      ['all running again', 30, 0],
    ]);
    expect(report.verdict).toBe('ok');
    expect(
      await run('rs2', sh`systemctl list-units --all --plain --no-legend 'lvslab-drill*'`),
    ).toBe('');
  }, 120_000);

  test('an interrupted drill leaves every server running', async () => {
    const interruption = new AbortController();
    const report = await drillLab(
      {
        ...underTest(),
        signal: interruption.signal,
        emit: ({ task, state }) => {
          if (task === 'rs2 and rs1 stopped' && state === 'progress') interruption.abort();
        },
      },
      { reconnect: open, pause: sleep },
    );
    expect(
      report.phases.flatMap(({ checks }) => checks.filter((c) => c.verdict === 'failed')),
    ).toEqual([]);
    expect(report.error?.code).toBe('E_CANCELLED');
    expect(await run('rs1', sh`systemctl is-active nginx`)).toBe('active\n');
    expect(await run('rs2', sh`systemctl is-active nginx`)).toBe('active\n');
  }, 120_000);

  test('a server starts its nginx by itself when the controller has vanished', async () => {
    const { nonce } = underTest();
    const control = { realServers: connections, reconnect: open, pause: sleep, nonce };
    await new StoppedServers({ ...control, guardSeconds: 2 }).stop('rs2');
    expect(await run('rs2', trusted('systemctl is-active nginx || :'))).toBe('inactive\n');
    await run(
      'rs2',
      trusted(
        'i=0; until systemctl -q is-active nginx || [ $((i += 1)) -gt 100 ]; do sleep 0.1; done',
      ),
    );
    expect(await run('rs2', sh`systemctl is-active nginx`)).toBe('active\n');
  }, 60_000);
});

function underTest(): LabUnderTest {
  return {
    lab,
    service,
    director,
    client: connectionTo('client'),
    directorHost: connectionTo('director'),
    realServers: connections,
    emit: () => undefined,
    now: () => performance.now(),
    nonce: () => randomUUID().replaceAll('-', ''),
    signal: new AbortController().signal,
  };
}

function directorSetUp(): Script {
  const rules = realServers.map(
    ({ nic, weight }) => `-a -t ${VIP}:80 -r ${nic.address}:80 -m -w ${weight}\n`,
  );
  return sh`set -e
ip addr replace ${`${VIP}/24`} dev ens37
ip link set ens37 up
sysctl -qw net.ipv4.ip_forward=1
DEBIAN_FRONTEND=noninteractive apt-get -qq install ipvsadm
modprobe ip_vs
printf 'AUTO="true"\n' >/etc/default/ipvsadm
printf '%s' ${`-A -t ${VIP}:80 -s wrr\n${rules.join('')}`} >/etc/ipvsadm.rules
systemctl restart ipvsadm`;
}

function realServerSetUp({ page }: RealServer): Script {
  const log = `${nginx.prefix}/logs/access.log`;
  const unit = `[Service]\nType=forking\nExecStart=/usr/bin/perl /root/server.pl "${page}" ${log}\n`;
  return sh`set -e
mkdir -p ${`${nginx.prefix}/logs`}
printf '%s' ${SERVER} >/root/server.pl
printf '%s' ${unit} >/etc/systemd/system/nginx.service
systemctl daemon-reload
systemctl start nginx
ip route replace default via ${DIP}`;
}

async function open(host: string): Promise<Connection> {
  const spec = labHosts.find(({ name }) => name === host);
  const connection = await openConnection({
    host,
    address: spec?.address ?? '',
    user: 'root',
    privateKeyFile: userKey(identity),
    commonArgs: sshOptions(identity)
      .map((option) => `-o ${quote(option)}`)
      .join(' '),
    become: false,
    home: identity.paths.state,
  });
  opened.push(connection);
  return connection;
}

function connectionTo(host: string): Connection {
  const connection = connections.get(host);
  if (connection === undefined) throw new Error(`no connection to ${host}`);
  return connection;
}

async function run(host: string, script: Script): Promise<string> {
  const { exitCode, stdout, stderr } = await connectionTo(host).run(script);
  if (exitCode !== 0) throw new Error(`${host}: ${stderr}`);
  return stdout;
}

function failed(checks: readonly Check[]): readonly string[] {
  return checks.filter(({ verdict }) => verdict === 'failed').map(({ name }) => name);
}
