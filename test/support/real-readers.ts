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

/** Folders that a test fills itself; what this machine has there is out of sight. */
const CONFIGURATION = [
  ...['/etc/network', '/etc/netplan', '/etc/NetworkManager', '/etc/systemd/network'],
  ...['/etc/sysctl.d', '/etc/sysctl.conf', '/etc/rc.local', '/etc/sysconfig'],
];

/** A network, an /etc and a /run of their own, with the programs in the places where a host has them. */
const stage = `set -e
tools=$1 scratch=$2 files=$3
mount -t tmpfs tmpfs "$scratch"
for part in usr etc; do
  mkdir -p "$scratch/$part/upper" "$scratch/$part/work"
  mount -t overlay overlay -o "lowerdir=$tools/$part:/$part,upperdir=$scratch/$part/upper,workdir=$scratch/$part/work" "/$part"
done
for folder in /usr/lib/sysctl.d /usr/local/lib/sysctl.d /lib/systemd/network; do
  if [ -d "$folder" ]; then mount -t tmpfs tmpfs "$folder"; fi
done
mount -t tmpfs tmpfs /run
rm -rf ${CONFIGURATION.join(' ')}
cp -a "$files"/. /
ldconfig /usr/lib/*-linux-gnu
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd /
exec "\${4:-sh}" -s
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
    run(
      'sh',
      '-c',
      'for part in lib sbin; do cp -a "root/$part" root/usr/; rm -r "root/$part"; done',
    );
    renameSync(path.join(temp, 'root'), folder);
    return folder;
  } catch {
    return undefined;
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

/**
 * Runs a script where these files are the machine's.
 * @param files texts by absolute path; mode 0600.
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
      writeFileSync(file, text, { mode: 0o600 });
    }
    const words = ['--net', '--mount', '--propagation', 'private', 'sh', '-c', stage, 'sh'];
    const places = [tools, path.join(folder, 'scratch'), path.join(folder, 'files'), shell];
    const { status, stdout, stderr } = spawnSync('unshare', [...words, ...places], {
      input: script,
      encoding: 'utf8',
      timeout: 120_000,
    });
    if (status === 0) return stdout;
    throw new Error(`exit status ${status ?? 'none'}: ${stdout}${stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
