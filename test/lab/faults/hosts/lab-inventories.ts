import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { labHosts } from '../../../../src/embedded/lab/lab-hosts.ts';
import { type TinyRelease } from './tiny-release.ts';

type Variables = Readonly<Record<string, unknown>>;

interface Group {
  readonly hosts: Readonly<Record<string, Variables>>;
}

interface InventoryDocument {
  readonly all: {
    readonly vars: Variables;
    readonly children: Readonly<Record<'clients' | 'director' | 'real_servers', Group>>;
  };
}

export type RealServerName = 'rs1' | 'rs2';

/** The inventories that the faults are tried with; all of them build the tiny release. */
export interface LabInventories {
  /** The whole lab. */
  readonly whole: string;
  /**
   * Both real servers; where lvslab reads the director, it gets the client in its stead, which answers at once, and the
   * DIP is an address that always answers.
   */
  readonly servers: string;
  /** One real server, in the same way. */
  readonly only: Readonly<Record<RealServerName, string>>;
  /** The same, without a tarball of its own: it is downloaded. */
  readonly download: Readonly<Record<RealServerName, string>>;
}

/**
 * Writes them into the folder, from the lab's own inventory.
 * @param dip what stands for the director in the real servers' network.
 */
export async function writeInventories(
  labInventory: string,
  {
    folder,
    release,
    dip,
  }: { readonly folder: string; readonly release: TinyRelease; readonly dip: string },
): Promise<LabInventories> {
  const { tarball, sha256, version } = release;
  const { all } = parse(await readFile(labInventory, 'utf8')) as InventoryDocument;
  const whole = {
    ...all.vars,
    nginx_version: version,
    nginx_sha256: sha256,
    nginx_configure_args: [],
    nginx_tarball: tarball,
    // Every fault meets a compiler at work, whatever was built before.
    nginx_build: 'each',
  };
  const part = { ...whole, lvs_dip: dip };
  const { director, real_servers: servers, clients } = all.children;
  const clientAddress = labHosts.find(({ name }) => name === 'client')?.address;
  const standIn: Group = {
    hosts: { director: { ...director.hosts['director'], ansible_host: clientAddress } },
  };
  const write = (
    name: string,
    children: Readonly<Record<string, Group>>,
    variables: Variables = part,
  ): string => {
    const file = path.join(folder, `${name}.yml`);
    writeFileSync(file, stringify({ all: { vars: variables, children } }, { lineWidth: 0 }));
    return file;
  };
  const alone = (name: RealServerName): Readonly<Record<string, Group>> => ({
    director: standIn,
    real_servers: { hosts: { [name]: servers.hosts[name] ?? {} } },
  });
  const download = (name: RealServerName): string =>
    write(`download-${name}`, alone(name), { ...part, nginx_tarball: undefined });
  return {
    whole: write('whole', { director, real_servers: servers, clients }, whole),
    servers: write('servers', { director: standIn, real_servers: servers }),
    only: { rs1: write('rs1', alone('rs1')), rs2: write('rs2', alone('rs2')) },
    download: { rs1: download('rs1'), rs2: download('rs2') },
  };
}
