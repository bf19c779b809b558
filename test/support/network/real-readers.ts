import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The programs that read network files at boot, and what of their needs a machine may lack. */
const PACKAGES = [
  ...['ifupdown', 'netplan.io', 'libnetplan0', 'python3-rich', 'python3-netifaces'],
  ...['network-manager', 'libnm0', 'libndp0', 'libteamdctl0', 'libmm-glib0', 'libbluetooth3'],
];

/** A root, a network and processes of their own, with the programs where a host has them, and none of this machine's settings. */
const stage = `set -e
tools=$1 scratch=$2 files=$3 shell=$4
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/root"
cd "$scratch/root"
mkdir -p usr etc tmp proc sys run/dbus dev var/lib/dbus var/lib/NetworkManager
ln -s /run var/run
for name in bin sbin lib lib64; do ln -s "usr/$name" "$name"; done
for part in usr etc; do
  mkdir -p "../$part/upper" "../$part/work"
  mount -t overlay overlay -o "lowerdir=$tools/$part:/$part,upperdir=$scratch/$part/upper,workdir=$scratch/$part/work" "$part"
done
mount -t proc proc proc
# Programs that find it read-only don't wait for udev.
mount -t sysfs -o ro sysfs sys
for name in null zero random urandom; do
  : >"dev/$name"
  mount --bind "/dev/$name" "dev/$name"
done
rm -rf etc/network etc/netplan etc/NetworkManager etc/systemd/network etc/sysctl.d etc/sysctl.conf etc/rc.local etc/sysconfig
rm -rf usr/lib/sysctl.d usr/local/lib/sysctl.d usr/lib/systemd/network
cp -a "$files"/. .
ip link set lo up
exec chroot . "$shell" -c '
  ldconfig /usr/lib/*-linux-gnu
  export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  exec "$0" -s
' "$shell"
`;

/**
 * The folder with the unpacked programs, taken once from the machine's own package mirror; undefined where they can't be
 * had, or where the user isn't root. Nothing is installed.
 */
export function readersFolder(): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const hash = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 16);
  const folder = `/var/cache/lvslab/readers-${hash}`;
  if (existsSync(folder)) return folder;
  mkdirSync(path.dirname(folder), { recursive: true });
  const temp = mkdtempSync(`${folder}.`);
  try {
    const run = (program: string, ...words: readonly string[]): void => {
      execFileSync(program, words, { cwd: temp, stdio: 'pipe', timeout: 120_000 });
    };
    run('apt-get', 'download', ...PACKAGES);
    run('sh', '-c', 'for deb in *.deb; do dpkg-deb -x "$deb" root; done');
    // Where /lib is a link to /usr/lib, its packages' files are there as well.
    const move =
      'if [ -d "root/$part" ]; then cp -a "root/$part" root/usr/; rm -r "root/$part"; fi';
    run('sh', '-c', `for part in lib sbin; do ${move}; done`);
    renameSync(path.join(temp, 'root'), folder);
    return folder;
  } catch {
    // Another test may have been first.
    return existsSync(folder) ? folder : undefined;
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

const openFolders = /^\/(etc|run|usr\/lib)\/systemd\//;

/**
 * Runs a script where these files are the machine's.
 * @param files texts by absolute path; those of networkd, whose user is not root, for all to read.
 * @returns what it printed; throws what it complained of when it failed.
 */
export function runBeside(
  tools: string,
  files: Readonly<Record<string, string>>,
  script: string,
  shell = 'sh',
): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lvslab-readers-'));
  try {
    for (const name of ['scratch', 'files']) mkdirSync(path.join(folder, name));
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, 'files', name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: openFolders.test(name) ? 0o644 : 0o600 });
    }
    const spaces = [
      '--net',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      '--propagation',
      'private',
    ];
    const places = [tools, path.join(folder, 'scratch'), path.join(folder, 'files'), shell];
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      [...spaces, 'sh', '-c', stage, 'sh', ...places],
      {
        input: script,
        encoding: 'utf8',
        timeout: 120_000,
      },
    );
    if (status === 0) return stdout;
    throw new Error(`exit status ${status ?? 'none'}: ${stdout}${stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Shell that starts NetworkManager, and waits until it has done what it does at boot with the NICs named. */
export const startNetworkManager = (...devices: readonly string[]): string => `
mkdir -p /etc/NetworkManager
printf '[main]\\nplugins=keyfile\\nauth-polkit=false\\ndns=none\\nno-auto-default=*\\n' >/etc/NetworkManager/NetworkManager.conf
dbus-daemon --system --fork --nopidfile
NetworkManager >/run/nm.log 2>&1
for device in ${devices.join(' ')}; do
  for _ in $(seq 100); do
    if nmcli -g GENERAL.STATE device show "$device" 2>/dev/null | grep -Eq '^(100|30) '; then break; fi
    sleep 0.1
  done
done
`;

/** Shell that starts networkd, and waits until it has done with the NICs named. */
export const startNetworkd = (...devices: readonly string[]): string => `
mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp /run/systemd/system
chown -R systemd-network: /run/systemd/netif
dbus-daemon --system --fork --nopidfile
/usr/lib/systemd/systemd-networkd >/run/networkd.log 2>&1 &
for device in ${devices.join(' ')}; do
  for _ in $(seq 100); do
    if networkctl --no-legend list "$device" 2>/dev/null | grep -Eq '(configured|unmanaged|failed) *$'; then break; fi
    sleep 0.1
  done
done
`;
