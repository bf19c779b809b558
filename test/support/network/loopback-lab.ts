import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection } from '../../../src/engine/model/connection.ts';
import { type TaskEvent } from '../../../src/engine/model/events.ts';
import { SEARCH_PATH } from '../../../src/engine/host/observe.ts';
import { trusted } from '../../../src/engine/model/shell/script.ts';
import { type VirtualService } from '../../../src/ipvs/virtual-service.ts';
import { type Lab, type RealServer } from '../../../src/lab/lab.ts';
import { networksOf } from '../../../src/lab/lab-networks.ts';
import { nat } from '../../../src/lab/modes/nat.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { type LabUnderTest } from '../../../src/verify/lab-under-test.ts';
import { askedPortsIn, noBuild, statsText, totalsText } from './toy-parts.ts';

/** The weighted round robin of the documented lab. */
const PATTERN = ['rs2', 'rs1', 'rs2'];
const VIP = '127.0.0.1';
const DIP = '192.0.2.130';

/**
 * A lab on the loopback device: real HTTP servers, real curl, real sh. Only what a machine without IPVS lacks is played
 * by shell functions: curl's connections are led to the servers in turn, and ipvsadm and systemctl answer for it.
 */
export class LoopbackLab {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'lvslab-verify-'));
  readonly interruption = new AbortController();
  readonly events: TaskEvent[] = [];
  /** Shell put before every script of a host: what is broken there. */
  readonly faults = new Map<string, string>();
  /** How IPVS counts. */
  readonly counting = {
    /** Whether the kernel has totals that don't lag behind. */
    hasTotals: true,
    /** How many readings don't show yet what was counted last. */
    lag: 0,
    /** Whether the estimator of the totals is ahead of those of the services. */
    ticks: false,
    /** Connections that were counted for services that are gone. */
    gone: 0,
  };
  #marked: { readonly mark: number; readonly ports: readonly [number, ...number[]] } | undefined;
  #listed: readonly string[] = [];
  #stale = 0;
  readonly #nginx = new Map<string, Server>();
  readonly #ports = new Map<string, number>();
  readonly #control = createServer((request, response) => {
    const [, verb = '', host = ''] = (request.url ?? '').split('/');
    void this.#obey(verb, host).then((answer) => response.end(answer));
  });

  async open(): Promise<void> {
    mkdirSync(path.join(this.folder, 'logs'));
    mkdirSync(this.#file('bin'));
    writeFileSync(this.#file('given'), '');
    writeFileSync(this.#file('slept'), '');
    writeFileSync(this.#file('journal'), '');
    await listen(this.#control, 0);
    const { port } = this.#control.address() as AddressInfo;
    // A name that no shell function can have.
    writeFileSync(
      this.#file('bin/systemd-run'),
      `#!/bin/sh\nexec curl -s http://127.0.0.1:${port}/guard/$TOY_HOST\n`,
      { mode: 0o755 },
    );
    for (const name of ['rs1', 'rs2']) {
      this.#ports.set(name, 0);
      await this.start(name);
    }
    writeFileSync(this.#file('rules'), this.rules());
  }

  async close(): Promise<void> {
    for (const name of this.#nginx.keys()) await this.stop(name);
    this.#control.close();
    rmSync(this.folder, { recursive: true });
  }

  get lab(): Lab {
    const nic = { device: 'lo', address: VIP, prefix: 8, gateway: DIP, dns: [] };
    const [first, second] = ['rs1', 'rs2'].map((name) => ({
      ...nic,
      address: this.#addressOf(name),
    }));
    const realServers = [
      this.#realServer('rs1', 1, first ?? nic),
      this.#realServer('rs2', 2, second ?? nic),
    ];
    const service: VirtualService = {
      protocol: 'tcp',
      address: VIP,
      port: this.#marked?.ports[0] ?? 1,
      ...this.#marked,
      scheduler: 'wrr',
      destinations: realServers.map(({ name, nic: { address }, weight }) => {
        return { address, port: this.#portInTable(name), weight, method: 'masquerading' };
      }),
    };
    const hosts = {
      directors: [{ name: 'director', outside: nic, inside: { ...nic, address: DIP } }],
      realServers,
      clients: [{ name: 'client', address: VIP }],
    };
    return {
      mode: nat,
      ...hosts,
      networks: networksOf(hosts),
      services: [service],
      selinux: 'disabled',
      vaultUrl: 'http://127.0.0.1',
    };
  }

  get test(): LabUnderTest {
    const { lab } = this;
    const [[service], [director]] = [lab.services, lab.directors];
    if (service === undefined || director === undefined) throw new TypeError('an empty lab');
    return {
      lab,
      service,
      director,
      client: this.connection('client'),
      directorHost: this.connection('director'),
      realServers: new Map(['rs1', 'rs2'].map((name) => [name, this.connection(name)])),
      emit: (event) => void this.events.push(event),
      now: () => performance.now(),
      nonce: () => randomUUID().replaceAll('-', ''),
      signal: this.interruption.signal,
    };
  }

  /** What was done to the real servers, in order: 'guard rs2', 'stop rs2' … */
  get journal(): readonly string[] {
    return readFileSync(this.#file('journal'), 'utf8').trim().split('\n');
  }

  get running(): readonly string[] {
    return [...this.#nginx.keys()].toSorted();
  }

  connection(host: string): Connection {
    const local = openLocalConnection({ host, become: { kind: 'never' } });
    return {
      host,
      get sessions() {
        return local.sessions;
      },
      pace: local.pace,
      run: (script, options) =>
        local.run(
          trusted(
            [this.#prelude(host), this.faults.get(host) ?? '', script.text]
              .join('\n')
              .replaceAll(SEARCH_PATH, `${this.#file('bin')}:${SEARCH_PATH}`),
          ),
          options,
        ),
      upload: (from, to) => local.upload(from, to),
      again: () => Promise.resolve(this.connection(host)),
      close: () => local.close(),
    };
  }

  async start(name: string): Promise<void> {
    if (this.#nginx.has(name)) return;
    const server = createServer((request, response) => {
      const line = `${request.socket.remoteAddress ?? ''} - - [now] "GET ${request.url ?? ''} HTTP/1.1" 200 19`;
      appendFileSync(this.#file(`logs/${name}/logs/access.log`), `${line}\n`);
      response.end(`I am ${name}\n`);
    });
    mkdirSync(this.#file(`logs/${name}/logs`), { recursive: true });
    await listen(server, this.#ports.get(name) ?? 0);
    this.#ports.set(name, (server.address() as AddressInfo).port);
    this.#nginx.set(name, server);
  }

  async stop(name: string): Promise<void> {
    const server = this.#nginx.get(name);
    this.#nginx.delete(name);
    if (server === undefined) return;
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }

  rules(): string {
    const service = this.#marked === undefined ? `-t ${VIP}:1` : `-f ${this.#marked.mark}`;
    const server = (name: string) => `${this.#addressOf(name)}:${this.#portInTable(name)}`;
    return [
      `-A ${service} -s wrr`,
      `-a ${service} -r ${server('rs1')} -m -w 1`,
      `-a ${service} -r ${server('rs2')} -m -w 2`,
      '',
    ].join('\n');
  }

  async #obey(verb: string, host: string): Promise<string> {
    if (verb === 'stats') return this.#stats();
    if (verb === 'totals') return this.#totals();
    if (verb === 'is-active') return this.#nginx.has(host) ? 'active' : 'inactive';
    appendFileSync(this.#file('journal'), `${verb} ${host}\n`);
    if (verb === 'start') await this.start(host);
    if (verb === 'stop') await this.stop(host);
    return 'done';
  }

  /** The ports of the VIP that requests went to, in order. */
  get askedPorts(): readonly number[] {
    return askedPortsIn(readFileSync(this.#file('asked'), 'utf8'));
  }

  /** With a mark, IPVS tells servers apart by their addresses alone. */
  #addressOf(name: string): string {
    return this.#marked === undefined ? VIP : `127.0.0.1${name === 'rs1' ? 1 : 2}`;
  }

  #portInTable(name: string): number {
    return this.#marked === undefined ? (this.#ports.get(name) ?? 0) : 0;
  }

  /** The seconds for which a director was asked to sleep. */
  get slept(): readonly number[] {
    const text = readFileSync(this.#file('slept'), 'utf8');
    return text.split('\n').filter(Boolean).map(Number);
  }

  /** What the servers were given, in turn. */
  #given(): readonly string[] {
    return readFileSync(this.#file('given'), 'utf8').split('\n').filter(Boolean);
  }

  #totals(): string {
    const { hasTotals, gone, ticks } = this.counting;
    if (!hasTotals) return '';
    const { length } = this.#given();
    return totalsText({
      gone,
      current: length,
      estimated: ticks ? length : this.#estimated().length,
    });
  }

  /** What the estimator has handed over; it comes round with the readings. */
  #estimated(): readonly string[] {
    const current = this.#given();
    this.#stale = current.length === this.#listed.length ? 0 : this.#stale + 1;
    if (this.#stale > this.counting.lag) this.#listed = current;
    return this.#listed;
  }

  #stats(): string {
    const given = this.#estimated();
    const count = (name: string) => given.filter((one) => one === name).length;
    const service = this.#marked === undefined ? `TCP  ${VIP}:1` : `FWM  ${this.#marked.mark}`;
    const server = (name: string) => `  -> ${this.#addressOf(name)}:${this.#portInTable(name)}`;
    return statsText([
      [service, count('rs1') + count('rs2')],
      [server('rs1'), count('rs1')],
      [server('rs2'), count('rs2')],
    ]);
  }

  #prelude(host: string): string {
    const { port } = this.#control.address() as AddressInfo;
    const ask = `command curl -s http://127.0.0.1:${port}`;
    const turns = PATTERN.map((name, i) => {
      const target = `target=${name} port=${this.#ports.get(name) ?? 0}`;
      return `${i}) ${target};;`;
    });
    return `
sleep() { echo "$1" >>${this.#file('slept')}; }
ip() { echo "$3 via ${DIP} dev lo"; }
cat() { case $1 in */ip_forward) echo 1;; */ip_vs_stats_percpu) ${ask}/totals/;; */est_nice) ${this.counting.ticks ? 'echo 0' : 'false'};; *) command cat "$@";; esac; }
through_lvs() {
  case $(($(wc -l <${this.#file('given')}) % ${PATTERN.length})) in ${turns.join(' ')} esac
  echo "$target" >>${this.#file('given')}
  echo "$*" >>${this.#file('asked')}
  command curl "$@" --connect-to "::127.0.0.1:$port"
}
curl() { through_lvs "$@"; }
ipvsadm() {
  case $* in
    -S*) command cat ${this.#file('rules')};;
    *--thresholds) printf 'IP Virtual Server version 1.2.1\\n\\n\\n';;
    *) ${ask}/stats/;;
  esac
}
export TOY_HOST=${host} TOY_FOLDER=${this.folder} TOY_STATS=http://127.0.0.1:${port}/stats/
systemctl() {
  case "$1 $2" in
    'restart ipvsadm') command cp ${this.#file('saved')} ${this.#file('rules')};;
    'is-active nginx') [ "$(${ask}/is-active/${host})" = active ];;
    *' nginx') ${ask}/"$1"/${host} >/dev/null;;
    'stop '*.timer) ${ask}/disarm/${host} >/dev/null;;
  esac
}
`;
  }

  /** From now on the service has several ports, and goes by a mark. */
  goByMark(mark: number, ports: readonly [number, ...number[]]): void {
    this.#marked = { mark, ports };
    writeFileSync(this.#file('rules'), this.rules());
    this.saveRules(this.rules());
  }

  /** What the service that loads the rules would load. */
  saveRules(rules: string): void {
    writeFileSync(this.#file('saved'), rules);
  }

  #realServer(name: string, weight: number, nic: RealServer['nic']): RealServer {
    return {
      name,
      nic,
      weight,
      port: this.#marked?.ports[0] ?? this.#ports.get(name) ?? 0,
      listeners: [{ protocol: 'tcp', port: this.#ports.get(name) ?? 0 }],
      page: `I am ${name}`,
      nginx: { ...noBuild, prefix: this.#file(`logs/${name}`) },
    };
  }

  #file(name: string): string {
    return path.join(this.folder, name);
  }
}

/** Waits until it is so; half a minute at most, for the sake of machines that are busy. */
export async function eventually(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 6000 && !isSo(); turn += 1) await sleep(5);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}
