// Makes a fresh clone ready: installs the dependencies when the lock file changed; with --build, compiles; with --tests,
// provides the system programs that the tests run. Plain JavaScript and nothing but Node: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.lvslab-lock`;

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(`lvslab: '${[command, ...args].join(' ')}' failed`);
    process.exit(1);
  }
}

/** What the tests run for real, and the Debian package of each: an sshd of their own, on loopback, sudo, a terminal … */
const TEST_PROGRAMS = {
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  sudo: 'sudo',
  tmux: 'tmux',
  curl: 'curl',
  ip: 'iproute2',
  make: 'make',
  shellcheck: 'shellcheck',
  busybox: 'busybox',
  nft: 'nftables',
};
const PROGRAM_FOLDERS = [
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/usr/local/sbin',
  '/usr/local/bin',
];

function provideTestPrograms() {
  const missing = Object.keys(TEST_PROGRAMS).filter(
    (program) => !PROGRAM_FOLDERS.some((folder) => existsSync(`${folder}/${program}`)),
  );
  if (missing.length === 0) return;
  const packages = missing.map((program) => TEST_PROGRAMS[program]);
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages];
  console.error(`lvslab: the tests need ${missing.join(', ')}: ${install.join(' ')}`);
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) process.exit(1);
  run('apt-get', ['-q', 'update']);
  run('env', ['DEBIAN_FRONTEND=noninteractive', ...install]);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  console.error(`lvslab: Node 20.17 or newer is needed, this is ${process.versions.node}`);
  process.exit(1);
}

const lock = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('lvslab: installing the dependencies (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lock);
}
if (process.argv.includes('--tests')) provideTestPrograms();
if (process.argv.includes('--build')) {
  run(process.execPath, [`${root}scripts/build.js`]);
}
