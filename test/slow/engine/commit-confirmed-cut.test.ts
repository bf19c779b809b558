import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import {
  probePendingChanges,
  clearStaleChanges,
} from '../../../src/engine/rollback/commit-confirmed.ts';
import { type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { networkInterface } from '../../../src/index.ts';
import { debianFacts } from '../../support/samples/sample-facts.ts';
import { WiredNamespace } from '../../support/network/wired-namespace.ts';
import { debian } from '../../support/samples/sample-platforms.ts';

const card = networkInterface(
  { platform: debian, facts: debianFacts },
  { device: 'ens37', address: '192.168.2.128', prefix: 24, dns: [] },
);

/** Where all that outlives a loss of power is. */
const DISK = ['state', 'units', 'network'];

/** More than any of the scripts has. */
const MANY_COMMANDS = 500;

// Namespaces need root.
(process.getuid?.() === 0 ? describe : describe.skip)('a host that loses its power', () => {
  let wires: WiredNamespace;
  let unchanged: string;

  beforeEach(() => {
    wires = new WiredNamespace();
    wires.writeFile('network/interfaces', 'auto lo\niface lo inet loopback\n');
    unchanged = interfaces();
  });
  afterEach(() => {
    endAllProcesses();
    wires.remove();
  });

  test('before any command of a change comes up as it was', async () => {
    const step = sh`exec 3>&1; set -eu; cd /; ${wires.step(card, { windowSeconds: 100 })}`;
    const commands = await cutBeforeEachCommand(step, (output) => ({
      isWhole: output.includes('confirm 0 r-0'),
      expected: unchanged,
    }));
    expect(commands).toBeGreaterThan(30);
  });

  test.each(['confirmed', 'reverted'] as const)(
    'before any command of a decision (%s) comes up as was decided',
    async (decision) => {
      const changed = await tryChange();
      const decide = `${wires.paths.stateDir}/undecided.r-0/decide`;
      const expectations = new Set<string>();
      const commands = await cutBeforeEachCommand(sh`. ${decide} ${decision}`, (output) => {
        const expected = decision === 'confirmed' && isDecided() ? changed : unchanged;
        expectations.add(expected);
        return { isWhole: output.includes(decision), expected };
      });
      expect(commands).toBeGreaterThan(20);
      expect(expectations.size).toBe(decision === 'confirmed' ? 2 : 1);
    },
  );

  /** Leaves a change undecided; resolves to what it wrote. */
  async function tryChange(): Promise<string> {
    const change = wires.start(card, { windowSeconds: 100 });
    await change.untilMade();
    change.kill();
    await change.end();
    return interfaces();
  }

  /**
   * Runs a script on the disk as it is now, with an end before its first command, its second, and so on, until it is
   * whole; boots each time. Resolves to how many times that was.
   * @param read whether the script was whole, and what the file of the cards should be after the boot.
   */
  async function cutBeforeEachCommand(
    script: Script,
    read: (output: string) => { readonly isWhole: boolean; readonly expected: string },
  ): Promise<number> {
    for (const name of DISK) copy(wires.at(name), wires.at(`saved/${name}`));
    for (let commands = 0; commands < MANY_COMMANDS; commands++) {
      for (const name of DISK) copy(wires.at(`saved/${name}`), wires.at(name));
      const { isWhole, expected } = read(await wires.run(cutOff(script, commands)));
      await boot();
      const undecided = await wires.run(probePendingChanges(wires.paths));
      expect({ commands, undecided, file: interfaces() }).toEqual({
        commands,
        undecided: '',
        file: expected,
      });
      await wires.run(clearStaleChanges(wires.paths));
      expect({ commands, left: wires.leftovers() }).toEqual({ commands, left: [] });
      if (isWhole) return commands;
    }
    throw new Error('it was never whole');
  }

  /** The script, whose process and all that it started end before one of its commands. */
  function cutOff(script: Script, commands: number): Script {
    const count = wires.at('count');
    rmSync(count, { force: true });
    const trap = sh`printf . >>${count}; [ "$(wc -c <${count})" -le ${commands} ] || kill -KILL 0`;
    return sh`bash -c ${sh`set -T; trap ${trap.text} DEBUG; ${script}`.text}`;
  }

  function isDecided(): boolean {
    const folder = `${wires.paths.stateDir}/undecided.r-0`;
    return !existsSync(folder) || lstatSync(`${folder}/decision`, noError) !== undefined;
  }

  function interfaces(): string {
    return readFileSync(wires.at('network/interfaces'), 'utf8');
  }

  /** Nothing runs, the card is bare, and the guard runs if systemd would find it. */
  async function boot(): Promise<void> {
    endAllProcesses();
    wires.ip('link', 'set', 'ens37', 'down');
    wires.ip('addr', 'flush', 'dev', 'ens37');
    await wires.runBootGuard();
  }

  function endAllProcesses(): void {
    const pids = execFileSync('ip', ['netns', 'pids', wires.name], { encoding: 'utf8' });
    for (const pid of pids.split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }
});

const noError = { throwIfNoEntry: false } as const;

function copy(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  if (!existsSync(from)) return;
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}
