import { type LabIdentity, labNamed } from '../../embedded/embedded-lab.ts';
import { readRecord } from '../../embedded/lab/lab-record.ts';
import { sshOptions } from '../../embedded/lab/lab-ssh.ts';
import { type Inventory } from '../../inventory/inventory.ts';

/** The network namespace that SSH goes through, in an inventory of an embedded lab. */
const NAMESPACE = /ip netns exec (lv[a-z0-9]{1,6}) nc /;

/**
 * The embedded lab of this machine whose hosts an inventory lists; undefined where any of its hosts is reached in another
 * way, where the lab is not there, and where this user is not root, to whom embedded labs belong.
 */
export async function embeddedLabOf({ hosts }: Inventory): Promise<LabIdentity | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const reached = [...hosts.values()].map(({ connection }) => connection.sshCommonArgs ?? '');
  const name = NAMESPACE.exec(reached[0] ?? '')?.[1];
  if (name === undefined) return undefined;
  const lab = labNamed(name);
  const [proxyCommand = ''] = sshOptions(lab);
  if (!reached.every((args) => args.includes(proxyCommand))) return undefined;
  return (await readRecord(lab)) === undefined ? undefined : lab;
}
