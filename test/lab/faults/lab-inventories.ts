import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { labHosts } from '../../../src/embedded/lab-hosts.ts';
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
  /** Both real servers; where lvslab reads the director, it gets the client in its stead, which answers at once. */
  readonly servers: string;
  /** One real server, in the same way. */
  readonly only: Readonly<Record<RealServerName, string>>;
  /** The same, without a tarball of its own: it is downloaded. */
  readonly download: Readonly<Record<RealServerName, string>>;
}

/** Writes them into the folder, from the lab's own inventory. */
export async function writeInventories(
  labInventory: string,
  folder: string,
  { tarball, sha256, version }: TinyRelease,
): Promise<LabInventories> {
  const { all } = parse(await readFile(labInventory, 'utf8')) as InventoryDocument;
  const usual = Object.fromEntries(
    Object.entries(all.vars).filter(([name]) => name !== 'nginx_tarball'),
  );
  const downloading = {
    ...usual,
    nginx_version: version,
    nginx_sha256: sha256,
    nginx_configure_args: [],
  };
  const vars = { ...downloading, nginx_tarball: tarball };
  const { director, real_servers: servers, clients } = all.children;
  const clientAddress = labHosts.find(({ name }) => name === 'client')?.address;
  const standIn: Group = {
    hosts: { director: { ...director.hosts['director'], ansible_host: clientAddress } },
  };
  const write = (
    name: string,
    children: Readonly<Record<string, Group>>,
    variables: Variables = vars,
  ): string => {
    const file = path.join(folder, `${name}.yml`);
    writeFileSync(file, stringify({ all: { vars: variables, children } }, { lineWidth: 0 }));
    return file;
  };
  const alone = (name: RealServerName): Readonly<Record<string, Group>> => ({
    director: standIn,
    real_servers: { hosts: { [name]: servers.hosts[name] ?? {} } },
  });
  return {
    whole: write('whole', { director, real_servers: servers, clients }),
    servers: write('servers', { director: standIn, real_servers: servers }),
    only: { rs1: write('rs1', alone('rs1')), rs2: write('rs2', alone('rs2')) },
    download: {
      rs1: write('download-rs1', alone('rs1'), downloading),
      rs2: write('download-rs2', alone('rs2'), downloading),
    },
  };
}
