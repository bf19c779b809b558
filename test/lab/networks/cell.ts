import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  hostFolder,
  hostNamespace,
  labCgroup,
  type LabIdentity,
  labNamed,
} from '../../../src/embedded/embedded-lab.ts';
import { hostFiles } from '../../../src/embedded/hosts/host-files.ts';
import { powerCut, restartHost, startHost } from '../../../src/embedded/hosts/host-power.ts';
import { prepareContainer } from '../../../src/embedded/hosts/prepare-host.ts';
import { type Flavour, type RootFile } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { recipeOf } from '../../../src/embedded/images/recipes/recipes.ts';
import { stepsReportedTo } from '../../../src/embedded/lab/lab-event.ts';
import { type LabHostSpec } from '../../../src/embedded/lab/lab-hosts.ts';
import { labParts } from '../../../src/embedded/lab/lab-parts.ts';
import { writeRecord } from '../../../src/embedded/lab/lab-record.ts';
import { makeKeys, sshCommand } from '../../../src/embedded/lab/lab-ssh.ts';
import { makeBridges } from '../../../src/embedded/lab/wires.ts';
import { makeCgroup } from '../../../src/embedded/machine/cgroups.ts';
import { removeTree } from '../../../src/embedded/machine/programs.ts';
import { takeDown } from '../../../src/embedded/take-down.ts';
import { type ProgramRun } from '../../support/lvslab.ts';
import { runProgram } from '../faults/course/run-program.ts';

/** Who else is on the segment of ens33 and ens38, IPv4 dotted: gateways that answer when they are asked for. */
const neighbours = ['192.168.2.130', '192.168.2.9'] as const;

/** The one host of a cell: a real server with three NICs, whatever its files make of them. */
export const cellHost: LabHostSpec = {
  name: 'rs1',
  hostname: 'rs1',
  group: 'real_servers',
  address: '192.168.2.128',
  nics: [
    { device: 'ens33', mac: '00:0c:29:53:71:80', bridge: 'br-lan' },
    { device: 'ens37', mac: '00:0c:29:53:71:8a', bridge: 'br-wan' },
    { device: 'ens38', mac: '00:0c:29:53:71:94', bridge: 'br-lan' },
  ],
};

/** How long a host may take to boot before it counts as lost, milliseconds: many times what it takes. */
const BOOT_MS = 120_000;

/**
 * A host with wires of its own: several of them run side by side, with the same addresses, and none sees another. It is
 * as good as new within seconds, with whatever network files it is given.
 */
export class Cell {
  readonly lab: LabIdentity;
  readonly flavour: Flavour;
  readonly #image: string;

  private constructor(lab: LabIdentity, flavour: Flavour, image: string) {
    this.lab = lab;
    this.flavour = flavour;
    this.#image = image;
  }

  /**
   * Makes the wires, and the image where there is none yet; what an earlier one of that name has left is removed.
   * @param name as a lab's: 'lv' and up to six lower-case letters or digits.
   */
  static async open(name: string, flavour: Flavour): Promise<Cell> {
    const lab = labNamed(name);
    await takeDown({ ...lab, report: () => undefined });
    await writeRecord(lab, { flavour, director: 'container', reasons: ['there is none'] });
    for (const part of ['work', 'probes'] as const) await makeCgroup(labCgroup(lab, part));
    await makeKeys(lab);
    await makeBridges(lab);
    for (const address of neighbours) {
      const words = ['-n', lab.name, 'address', 'add', `${address}/24`, 'dev', 'br-lan'];
      told('neighbour', await runProgram(['ip', ...words]));
    }
    const parts = labParts(lab, {
      record: { flavour },
      run: stepsReportedTo(() => undefined),
      signal: new AbortController().signal,
    });
    try {
      return new Cell(lab, flavour, await parts.image());
    } finally {
      await parts.close();
    }
  }

  /** The folder for whatever the tests need; gone with the cell. */
  get folder(): string {
    return this.lab.paths.state;
  }

  /** Boots a new host that has these network files, and no others. */
  async boot(files: readonly RootFile[]): Promise<void> {
    await powerCut(this.lab, { host: cellHost.name });
    await removeTree(hostFolder(this.lab, cellHost.name));
    await mkdir(path.dirname(hostFolder(this.lab, cellHost.name)), { recursive: true });
    const recipe = recipeOf(this.flavour);
    // Links of the flavour, as to the resolver, are no configuration of a NIC.
    const links = recipe.hostFiles(cellHost).filter(({ link }) => link !== undefined);
    await prepareContainer(this.lab, {
      host: cellHost,
      files: await hostFiles(this.lab, { host: cellHost, network: [...links, ...files] }),
      image: this.#image,
    });
    await startHost(this.lab, { host: cellHost.name, signal: AbortSignal.timeout(BOOT_MS) });
  }

  /** Reboots it from inside; throws, with what its NICs have then, when nobody can log in any more. */
  async reboot(): Promise<void> {
    const signal = AbortSignal.timeout(BOOT_MS);
    await restartHost(this.lab, { host: cellHost.name, signal }).catch((error: unknown) =>
      this.#lost(error),
    );
  }

  async powerCut(): Promise<void> {
    await powerCut(this.lab, { host: cellHost.name });
  }

  /** Switches it on; throws as `reboot` does. */
  async start(): Promise<void> {
    const signal = AbortSignal.timeout(BOOT_MS);
    await startHost(this.lab, { host: cellHost.name, signal }).catch((error: unknown) =>
      this.#lost(error),
    );
  }

  /** Runs shell as root over SSH and resolves to what it printed. */
  async run(command: string): Promise<string> {
    const [ssh = '', ...rest] = sshCommand(this.lab, cellHost);
    const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20'];
    return told(command, await runProgram([ssh, ...options, ...rest, command]));
  }

  /** Takes everything of it away. */
  async close(): Promise<void> {
    await takeDown({ ...this.lab, report: () => undefined });
  }

  /** What there is of the network, seen from outside: it needs nobody's answer. */
  async outside(): Promise<string> {
    const namespace = hostNamespace(this.lab, cellHost.name);
    const ask = ['addr', 'route'].map((what) => runProgram(['ip', '-n', namespace, '-4', what]));
    return (await Promise.all(ask)).map(({ stdout }) => stdout).join('');
  }

  async #lost(error: unknown): Promise<never> {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the host is lost: ${why}\n${await this.outside()}`, { cause: error });
  }
}

function told(what: string, { exitCode, stdout, stderr }: ProgramRun): string {
  if (exitCode === 0) return stdout;
  throw new Error(`'${what.slice(0, 300)}' ended with ${exitCode}: ${stderr || stdout}`);
}
