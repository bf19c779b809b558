import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const etc = fileURLToPath(new URL('../../../templates/embedded/el7/root/etc/', import.meta.url));

/** A network and an /etc of its own, with two cards; the machine's own sysctl files are out of sight. */
const stage = `set -e
scratch=$1
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work"
cp -a "$2" "$3" "$scratch/upper/"
mkdir -p "$scratch/upper/sysctl.d"
: >"$scratch/upper/sysctl.conf"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$scratch/upper,workdir=$scratch/work" /etc
find /etc/sysctl.d -name '*.conf' -delete
for folder in /usr/lib/sysctl.d /usr/local/lib/sysctl.d /run/sysctl.d; do
  if [ -d "$folder" ]; then mount -t tmpfs tmpfs "$folder"; fi
done
rm -f /etc/resolv.conf
cp -r "$4"/. /etc/sysconfig/
number=0
for card in ens33 ens37; do
  number=$((number + 1))
  ip link add "$card" address "00:0c:29:53:71:0$number" type veth peer name "cable-$card"
  ip link set "cable-$card" up
done
cd /
set +e
network=/etc/rc.d/init.d/network
`;

const noArp = ['', 0, 1, 2].map((index) => `ARPCHECK${index}=no`).concat('ARPUPDATE=no');

/** How a shell text on the stage ended. */
interface Staged {
  readonly output: string;
  readonly exitCode: number | null;
}

/** What there is below /etc/sysconfig, beside the stand-in's own. */
export interface StageFiles {
  /** ifcfg files by what comes behind 'ifcfg-', as lines. Nobody else is on these wires, which they say first. */
  readonly configs: Readonly<Record<string, readonly string[]>>;
  /** Other files, by their path below /etc/sysconfig. */
  readonly others?: Readonly<Record<string, string>>;
}

/**
 * Runs a shell text where the network service of the el7 stand-in is (`$network`), in a network of its own with two cards:
 * ens33 (00:0c:29:53:71:01) and ens37 (00:0c:29:53:71:02). Needs root.
 */
export function onEl7Stage(script: string, { configs, others = {} }: StageFiles): Staged {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lvslab-el7-'));
  try {
    const files = path.join(folder, 'sysconfig');
    mkdirSync(path.join(folder, 'scratch'));
    mkdirSync(path.join(files, 'network-scripts'), { recursive: true });
    // arping need not be installed.
    for (const [name, lines] of Object.entries(configs)) {
      const text = [...noArp, ...lines, ''].join('\n');
      writeFileSync(path.join(files, 'network-scripts', `ifcfg-${name}`), text);
    }
    for (const [name, text] of Object.entries(others)) writeFileSync(path.join(files, name), text);
    const words = [path.join(folder, 'scratch'), `${etc}rc.d`, `${etc}sysconfig`, files];
    const { stdout, stderr, status } = spawnSync(
      'unshare',
      [
        ...['--net', '--mount', '--propagation', 'private', 'bash', '-c', stage + script, 'bash'],
        ...words,
      ],
      { encoding: 'utf8' },
    );
    return { output: stdout + stderr, exitCode: status };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
