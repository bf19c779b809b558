import { execFileSync, spawnSync } from 'node:child_process';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { value } from '../../../src/engine/model/resource.ts';
import { lines, type Script, trusted } from '../../../src/engine/model/shell/script.ts';
import { dr } from '../../../src/lab/modes/dr.ts';
import { loopbackBy } from '../../../src/resources/network/loopback-address.ts';
import { soleOwner } from '../../../src/resources/network/sole-owner.ts';

const VIP = '192.168.2.100';
const hosts = {
  client: '192.168.2.132',
  director: '192.168.2.130',
  rs1: '192.168.2.128',
  rs2: '192.168.2.129',
} as const;
type Name = keyof typeof hosts;

/** One segment with a client, a director and two real servers, each a network namespace with a NIC ens33. */
class Segment {
  readonly #prefix = `lvh${process.pid}`;

  constructor() {
    this.#ip('netns', 'add', this.#prefix);
    this.#ip('-n', this.#prefix, 'link', 'add', 'br0', 'type', 'bridge');
    this.#ip('-n', this.#prefix, 'link', 'set', 'br0', 'up');
    for (const [name, address] of Object.entries(hosts)) {
      const own = `${this.#prefix}${name}`;
      this.#ip('netns', 'add', own);
      const peer = ['peer', 'name', 'ens33', 'netns', own];
      this.#ip('-n', this.#prefix, 'link', 'add', name, 'type', 'veth', ...peer);
      this.#ip('-n', this.#prefix, 'link', 'set', name, 'master', 'br0', 'up');
      this.#ip('-n', own, 'link', 'set', 'lo', 'up');
      this.#ip('-n', own, 'addr', 'add', `${address}/24`, 'dev', 'ens33');
      this.#ip('-n', own, 'link', 'set', 'ens33', 'up');
    }
  }

  remove(): void {
    for (const name of ['', ...Object.keys(hosts)]) {
      spawnSync('ip', ['netns', 'del', `${this.#prefix}${name}`]);
    }
  }

  run(name: Name, script: Script | string): string {
    const text = typeof script === 'string' ? script : script.text;
    const words = ['netns', 'exec', `${this.#prefix}${name}`, 'sh', '-euc', text];
    return execFileSync('ip', words, { encoding: 'utf8' });
  }

  mac(name: Name): string {
    return this.run(name, 'cat /sys/class/net/ens33/address').trim();
  }

  /** A packet from an address to another one, for which a host must ask by ARP anew. */
  send(name: Name, from: string, to: string): void {
    const socket = `(Proto => "udp", LocalAddr => "${from}", PeerAddr => "${to}", PeerPort => 9)`;
    this.run(
      name,
      `ip neigh flush dev ens33
       perl -MIO::Socket::INET -e 'IO::Socket::INET->new${socket}->send("x")'
       i=0
       until ip neigh show ${to} | grep -q lladdr || [ "$i" -ge 30 ]; do i=$((i + 1)); sleep 0.1; done`,
    );
  }

  /** Whom the client sends packets for the VIP to. */
  believed(): string | undefined {
    const known = this.run('client', `ip neigh show ${VIP}`);
    const mac = /lladdr (\S+)/.exec(known)?.[1];
    return Object.keys(hosts).find((name) => this.mac(name as Name) === mac);
  }

  #ip(...words: readonly string[]): void {
    execFileSync('ip', words);
  }
}

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('the VIP on a segment with real servers that have it, too', () => {
  let segment: Segment;
  const owner = soleOwner({ device: 'ens33', address: VIP, after: [] });

  const others = (): unknown => owner.parse(segment.run('director', owner.observe));
  const nobodyElse = value({ others: [], isAnnounced: true });
  const silence = (name: Name): void => {
    for (const { key, value: wanted } of dr.realServerSettings) {
      segment.run(name, `echo ${wanted} > /proc/sys/${key.replaceAll('.', '/')}`);
    }
  };
  /** The address as the resource sets it, without its file. */
  const give = (name: Name): void => {
    const resource = loopbackBy({ networkConfiguration: 'ifupdown', address: VIP });
    const file = { content: '' };
    const from = value({ path: '/nowhere', isThere: false, file });
    const to = value({ path: '/nowhere', isThere: true, file });
    segment.run(name, resource.converge(from, to));
  };
  /** The server asks for the client's hardware address because of a packet that comes from the VIP. */
  const speak = (name: Name): void => {
    segment.send(name, VIP, hosts.client);
  };

  beforeEach(() => {
    segment = new Segment();
    give('director');
  });

  afterEach(() => {
    segment.remove();
  });

  test('is taken by a server that got it before it was silent, and comes back once it is announced', () => {
    give('rs1');
    expect(others()).toEqual(value({ others: [segment.mac('rs1')], isAnnounced: true }));
    speak('rs1');
    expect(segment.believed()).toBe('rs1');
    // The cause is gone, and the client believes it still.
    silence('rs1');
    expect(others()).toEqual(nobodyElse);
    expect(segment.believed()).toBe('rs1');
    segment.run('director', owner.converge(nobodyElse, nobodyElse));
    expect(segment.believed()).toBe('director');
  });

  test('is taken by a server that does not answer for it, but asks in its name', () => {
    segment.run('rs2', 'echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore');
    give('rs2');
    expect(others()).toEqual(nobodyElse);
    speak('rs2');
    expect(segment.believed()).toBe('rs2');
  });

  test('is taken when the settings go before the address', () => {
    silence('rs1');
    give('rs1');
    expect(others()).toEqual(nobodyElse);
    for (const { key } of dr.realServerSettings) {
      segment.run('rs1', `echo 0 > /proc/sys/${key.replaceAll('.', '/')}`);
    }
    expect(others()).not.toEqual(nobodyElse);
  });

  test('stays with the director in the order of the playbook, whatever the servers say', () => {
    segment.send('client', hosts.client, VIP);
    for (const name of ['rs1', 'rs2'] as const) {
      silence(name);
      give(name);
      speak(name);
    }
    expect(others()).toEqual(nobodyElse);
    expect(segment.believed()).toBe('director');
    segment.send('client', hosts.client, VIP);
    expect(segment.believed()).toBe('director');
  });

  test('is asked for on no segment where the NIC has none', () => {
    const onLoopback = soleOwner({ device: 'lo', address: VIP, after: [] });
    expect(onLoopback.parse(segment.run('director', onLoopback.observe))).toEqual(nobodyElse);
    segment.run('director', lines(onLoopback.converge(nobodyElse, nobodyElse), trusted(':')));
  });
});
