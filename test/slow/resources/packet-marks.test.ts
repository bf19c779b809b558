import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { absent, type Resource, type Target, value } from '../../../src/engine/model/resource.ts';
import { markFilters } from '../../../src/platforms/packet-marks/mark-filters.ts';
import { packetMarksBy } from '../../../src/resources/network/packet-marks.ts';

const web = { address: '192.168.4.133', protocol: 'tcp', ports: [443, 80], mark: 1 } as const;
const names = {
  address: '192.168.4.140',
  protocol: 'udp',
  ports: Array.from({ length: 15 }, (_, i) => 65_535 - 1000 * i),
  mark: 2 ** 31 - 1,
} as const;

/** Rules that others have in the same hook, which nothing of lvslab's may touch. */
const OTHERS = {
  iptables:
    'iptables -w -t mangle -A PREROUTING -s 10.0.0.0/8 -j MARK --set-mark 9 && iptables -w -t mangle -N theirs',
  nft: 'nft "add table ip theirs; add chain ip theirs c { type filter hook prerouting priority -150; }; add rule ip theirs c ip saddr 10.0.0.0/8 meta mark set 9"',
};
const ALL = { iptables: 'iptables -w -t mangle -S', nft: 'nft -nn list ruleset' };

describe.each(['iptables', 'nft'] as const)('%s itself', (name) => {
  const inSpace = `unshare --net sh -c "${ALL[name].replaceAll('"', '')}"`;
  const works = spawnSync('sh', ['-c', inSpace]).status === 0;
  test('what it is told to hold, it is read to hold', () => {
    const filter = markFilters[name];
    const resource = packetMarksBy({ filter: name, rules: [web] });
    const aim = value({ listing: filter.listing([{ ...web, ports: [80, 443] }]) });
    expect(resource.diff(aim, resource.aim(absent))).toEqual([]);
    expect(resource.diff(absent, aim)).toHaveLength(1);
  });

  (works ? describe : describe.skip)('in a namespace of its own', () => {
    let space: ChildProcess;

    beforeEach(async () => {
      space = spawn('unshare', ['--net', 'sh', '-c', 'echo up; exec sleep 600'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (space.stdout !== null) await once(space.stdout, 'data');
    });

    afterEach(() => {
      space.kill('SIGKILL');
    });

    /** Runs shell among the namespace's packet filter. */
    function run(script: string): string {
      const words = ['--net', `--target=${space.pid ?? 0}`, 'sh', '-euc', script];
      const { status, stdout, stderr } = spawnSync('nsenter', words, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${script}\n${stderr}`);
      return stdout;
    }

    type Marks = Resource<{ readonly listing: string }>;

    function observe(resource: Marks): Target<{ readonly listing: string }> {
      const found = resource.parse(run(resource.observe.text));
      if (found.kind === 'unknown') throw new Error(found.reason);
      return found;
    }

    function converge(resource: Marks): void {
      const found = observe(resource);
      run(resource.converge(found, resource.aim(found)).text);
    }

    function changesOf(resource: Marks): number {
      const found = observe(resource);
      return resource.diff(found, resource.aim(found)).length;
    }

    test('has the rules, others’ beside them, and gives them back to the byte', () => {
      run(OTHERS[name]);
      const before = run(ALL[name]);
      const [one, two] = [[web], [web, names]].map((rules) =>
        packetMarksBy({ filter: name, rules }),
      );
      if (one === undefined || two === undefined) throw new Error('no resources');
      for (const resource of [one, two, one]) {
        expect(changesOf(resource)).toBe(1);
        converge(resource);
        expect(changesOf(resource)).toBe(0);
      }
      const takeOut = one.converge(observe(one), absent).text;
      run(takeOut);
      // A unit that stops has taken them out before.
      run(takeOut);
      expect(observe(one)).toEqual(absent);
      expect(run(ALL[name])).toBe(before);
    });

    test('tells what somebody has done to them', () => {
      const resource = packetMarksBy({ filter: name, rules: [web, names] });
      converge(resource);
      const damages = {
        iptables: [
          'iptables -w -t mangle -D PREROUTING -j lvslab-marks',
          'iptables -w -t mangle -F lvslab-marks',
          'iptables -w -t mangle -I lvslab-marks -j RETURN',
          'iptables -w -t mangle -F',
        ],
        nft: [
          'nft flush table ip lvslab-marks',
          'nft flush ruleset',
          'nft insert rule ip lvslab-marks prerouting accept',
        ],
      };
      for (const damage of damages[name]) {
        run(damage);
        expect([damage, changesOf(resource)]).toEqual([damage, 1]);
        converge(resource);
        expect(changesOf(resource)).toBe(0);
      }
    });

    test('takes what a unit tells it at boot, also twice, and its end', () => {
      const before = run(ALL[name]);
      const filter = markFilters[name];
      const rules = [web, names];
      const resource = packetMarksBy({ filter: name, rules });
      const commands = (lines: readonly string[]): string =>
        lines
          .map((line) => (line.startsWith('-') ? `${line.slice(1)} || :` : line))
          .join('\n')
          .replaceAll('/usr/sbin/', '');
      for (let time = 0; time < 2; time += 1) {
        run(commands(filter.starts(rules)));
        expect(changesOf(resource)).toBe(0);
      }
      run(commands(filter.stops));
      expect(observe(resource)).toEqual(absent);
      expect(run(ALL[name])).toBe(before);
    });
  });
});
