import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { inventoryFile } from '../../../../src/cli/session/inventory-file.ts';
import { type LabIdentity, labNamed } from '../../../../src/embedded/embedded-lab.ts';
import { type FaultFlavour } from './fault-flavours.ts';
import { labPrefix } from '../../../../src/embedded/lab/lab-hosts.ts';
import { type LabMode } from '../../../../src/embedded/lab/lab-modes.ts';
import { expectExit, lvslab } from '../../../support/lvslab.ts';
import { FaultHost } from './fault-host.ts';
import { type LabInventories, type RealServerName, writeInventories } from './lab-inventories.ts';
import { runProgram } from '../course/run-program.ts';
import { makeTinyRelease, type TinyRelease } from './tiny-release.ts';

/** A lab whose real servers can be taken back to a saved state within seconds. */
export interface FaultLab {
  readonly name: string;
  readonly flavour: FaultFlavour;
  /** The tests' own, inside the lab's; gone with it. */
  readonly folder: string;
  readonly release: TinyRelease;
  readonly inventories: LabInventories;
  readonly host: (name: 'client' | 'director' | RealServerName) => FaultHost;
}

/** A second address of the real servers' bridge, IPv4 dotted: the gateway that they get from a run. */
const GATEWAY = '192.168.2.254';

/** The last of the packages that lvslab installs on a real server: the only one that the prepared hosts lack. */
const MISSING_PACKAGE = 'make';

/** Brings the lab up; where nginx is to be compiled, it puts all packages but one on the real servers, and saves them so. */
export async function openFaultLab(
  name: string,
  flavour: FaultFlavour,
  mode: LabMode,
): Promise<FaultLab> {
  const identity = labNamed(name);
  // An earlier test that was killed has left its lab in whatever state it was in.
  await closeFaultLab(name);
  expectExit(await lvslab('lab', 'up', '-n', name, '--flavour', flavour, '--mode', mode), 0);
  const folder = path.join(identity.paths.state, 'faults');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const release = makeTinyRelease(folder);
  const inventories = await writeInventories(inventoryFile(name), {
    folder,
    release,
    dip: await addGateway(identity),
  });
  const host: FaultLab['host'] = (wanted) => new FaultHost(identity, wanted);
  if (mode === 'nat')
    await prepareRealServers(host, { flavour, layer: path.join(folder, 'packages') });
  return { name, flavour, folder, release, inventories, host };
}

async function addGateway({ name }: LabIdentity): Promise<string> {
  const argv = ['ip', '-n', name, 'address', 'add', `${GATEWAY}/${labPrefix}`, 'dev', 'br-lan'];
  expectExit(await runProgram(argv), 0);
  return GATEWAY;
}

/** Takes the lab down. */
export async function closeFaultLab(name: string): Promise<void> {
  expectExit(await lvslab('lab', 'down', '-n', name), 0);
}

/** What one real server gets when packages are installed on it becomes a layer under both. */
async function prepareRealServers(
  host: FaultLab['host'],
  { flavour, layer }: { readonly flavour: FaultFlavour; readonly layer: string },
): Promise<void> {
  const [first, second] = [host('rs1'), host('rs2')];
  await Promise.all([first.save('fresh'), second.save('fresh')]);
  await first.start();
  await first.run(installPackages[flavour]);
  await first.run('sync');
  await first.powerCut();
  await first.giveLayerAway(layer);
  for (const server of [first, second]) {
    await server.insertLayer(layer);
    await server.start();
  }
}

const installPackages: Readonly<Record<FaultFlavour, string>> = {
  debian: `DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends \
gcc libc6-dev libpcre3-dev zlib1g-dev libssl-dev && rm -rf /var/log/* && ! command -v ${MISSING_PACKAGE}`,
  el7: `cat >/etc/yum.repos.d/prepare.repo <<'END'
[prepare]
name=prepare
baseurl=file:///opt/vault/7.5.1804/os/x86_64
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7
END
yum -y --disablerepo='*' --enablerepo=prepare install gcc pcre-devel zlib-devel openssl-devel &&
rm -rf /etc/yum.repos.d/prepare.repo /var/cache/dnf /var/cache/yum /var/log/* && ! command -v ${MISSING_PACKAGE}`,
};
