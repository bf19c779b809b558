import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectExit, lvslab } from '../support/lvslab.ts';
import { LabProgram } from './diagnose/lab-program.ts';

/*
 * Whoever follows the tutorial types these lines, its slips with them, on hosts that know nothing of lvslab: the comment behind
 * the gateway, rules that are saved into a file that nobody loads, forwarding by `echo`, nginx started by hand.
 */

const MINUTE = 60_000;
const name = 'lvhand';
const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-by-hand-'));
const inventory = path.join(folder, 'lab.yml');
const program = fileURLToPath(new URL('../../bin/lvslab.js', import.meta.url));

beforeAll(async () => {
  expectExit(await lvslab('lab', 'up', '-n', name), 0);
  const { stdout } = await lvslab('lab', 'inventory', '-n', name);
  writeFileSync(inventory, stdout);
}, 20 * MINUTE);

afterAll(async () => {
  expectExit(await lvslab('lab', 'down', '-n', name), 0);
  rmSync(folder, { recursive: true });
}, 10 * MINUTE);

/** The inventory without all that is said of the lab, but for the VIP. */
function writeShort(): string {
  const file = path.join(folder, 'short.yml');
  const lines = readFileSync(inventory, 'utf8').split('\n');
  const isLeftOut = /^ +(lvs_(?!vip:)|nginx_|el7_|selinux)/;
  writeFileSync(file, lines.filter((line) => !isLeftOut.test(line)).join('\n'));
  return file;
}

/** Types lines on a host, as a person does: one that fails stops none of those after it. */
async function type(host: string, lines: string): Promise<void> {
  const { exitCode, stdout, stderr } = await lvslab('lab', 'ssh', '-n', name, host, lines);
  if (exitCode !== 0) throw new Error(`${host}: ${stdout.slice(-1000)}${stderr.slice(-3000)}`);
}

/** Sends the release of nginx that the inventory names to a host, where wget has nothing to fetch it from. */
async function sendNginx(host: string): Promise<void> {
  const [, tarball = ''] = /nginx_tarball: (.*)/.exec(readFileSync(inventory, 'utf8')) ?? [];
  const words = [program, 'lab', 'ssh', '-n', name, host, 'cat > nginx.tar.gz'];
  const ssh = spawn(process.execPath, words, { stdio: ['pipe', 'ignore', 'inherit'] });
  createReadStream(tarball).pipe(ssh.stdin);
  expect(await once(ssh, 'close')).toEqual([0, null]);
}

const nginx = (page: string): string => `
  apt-get -qq install -y gcc make libpcre3-dev zlib1g-dev libssl-dev >/dev/null
  useradd -s /sbin/nologin nginx   //no login
  tar -xf nginx.tar.gz && cd nginx-*
  ./configure --prefix=/usr/local/nginx --user=nginx --group=nginx --with-http_ssl_module >/dev/null
  make >/dev/null 2>&1 && make install >/dev/null   //compile and install
  useradd -s /usr/sbin/nologin nginx
  echo "${page}" > /usr/local/nginx/html/index.html
  /usr/local/nginx/sbin/nginx
  GATEWAY=192.168.2.130 //the director
  :
`;

const director = `
  apt-get -qq install -y ipvsadm >/dev/null
  ip addr add 192.168.4.133/24 dev ens37; ip link set ens37 up
  echo 1 > /proc/sys/net/ipv4/ip_forward
  ipvsadm -A -t 192.168.4.133:80 -s wrr
  ipvsadm -a -t 192.168.4.133:80 -r 192.168.2.128:80 -m -w 1
  ipvsadm -a -t 192.168.4.133:80 -r 192.168.2.129:80 -w 2
  ipvsadm-save -n > /etc/ipvsadm-config
`;

test(
  'every trap of the tutorial is named, on hosts that lvslab has never changed',
  async () => {
    await Promise.all([
      ...['rs1', 'rs2'].map(async (host) => {
        await sendNginx(host);
        await type(host, nginx(`I am 192.168.2.${host === 'rs1' ? 128 : 129}`));
      }),
      type('director', director),
    ]);
    const { exitCode, ids, output } = await new LabProgram(inventory).diagnose();
    expect({ exitCode, ids, output }).toEqual({
      exitCode: 1,
      // The gateway; rules that no boot loads; -m forgotten; forwarding and nginx by hand alone.
      ids: ['L01', 'L12', 'L13', 'L26', 'L27'],
      output,
    });
    // As much of the inventory as somebody would write down who wants an answer, and nothing else.
    const short = await lvslab('diagnose', '-i', writeShort());
    expect(short.exitCode).toBe(1);
    const named = [...short.stdout.matchAll(/\[(L\d\d)\]/g)].map(([, id]) => id);
    expect([...new Set(named)].toSorted()).toEqual(ids);
    expect(short.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'director has lvs_dip "192.168.2.130", lvs_prefix 24, lvs_dip_interface "ens33", lvs_vip_interface "ens37"',
    );
    // Nobody breaks what others have set up.
    const refused = await lvslab('break', 'L03', '-i', inventory, '--yes');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr + refused.stdout).toContain('was not set up by lvslab');
  },
  30 * MINUTE,
);
