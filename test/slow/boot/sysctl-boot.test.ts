import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type Observed } from '../../../src/engine/model/resource.ts';
import { sysctl } from '../../../src/index.ts';
import {
  bootWith,
  chooseFile,
  contraryTo,
} from '../../../src/resources/kernel/sysctl/sysctl-candidates.ts';
import { setAtBoot, settingsBehind } from '../../../src/resources/kernel/sysctl/sysctl-boot.ts';
import {
  observeSysctlFiles,
  parseSysctlFiles,
  type SysctlFiles,
} from '../../../src/resources/kernel/sysctl/sysctl-files.ts';

const READER = '/usr/lib/systemd/systemd-sysctl';
const canRun = process.getuid?.() === 0 && existsSync(READER);

/** Texts by path; a text that begins with '->' is where a link leads. */
type Files = Readonly<Record<string, string>>;

/** A network of its own, in which nothing is set, and folders with these files and no others. */
const stage = `set -e
files=$1
mount -t tmpfs tmpfs /usr/local/lib
mkdir -p /usr/local/lib/sysctl.d
mount -t tmpfs tmpfs /run
for folder in /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d; do
  mkdir -p "$files$folder" "$folder"
  mount --bind "$files$folder" "$folder"
done
[ -e "$files/etc/sysctl.conf" ] || : >"$files/etc/sysctl.conf"
[ ! -e /etc/sysctl.conf ] || mount --bind "$files/etc/sysctl.conf" /etc/sysctl.conf
echo 0 >/proc/sys/net/ipv4/ip_forward
echo 0 >/proc/sys/net/ipv4/conf/default/forwarding
exec sh -s
`;

function runBeside(files: Files, script: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lvslab-sysctl-'));
  try {
    mkdirSync(path.join(folder, 'etc'), { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      if (text.startsWith('->')) symlinkSync(text.slice(2), file);
      else writeFileSync(file, text);
    }
    const words = ['--net', '--mount', '--propagation', 'private', 'sh', '-c', stage, 'sh', folder];
    const { status, stdout, stderr } = spawnSync('unshare', words, {
      input: `export LC_ALL=C\n${script}`,
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (status === 0) return stdout;
    throw new Error(`exit status ${status ?? 'none'}: ${stdout}${stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const forwarding = { key: 'net.ipv4.ip_forward', value: '1', nics: ['ens33'] };

/** What is read of the files. */
function readBeside(files: Files): SysctlFiles {
  const read: Observed<SysctlFiles> = parseSysctlFiles(runBeside(files, observeSysctlFiles.text), {
    settings: settingsBehind(forwarding),
    own: [],
  });
  if (read.kind !== 'value') throw new Error(JSON.stringify(read));
  return read.value;
}

/** What the kernel has once systemd-sysctl has applied them: of the host, of a NIC that was there, of one that came later. */
function kernelAfter(files: Files): readonly [host: string, present: string, late: string] {
  const [host = '', present = '', late = ''] = runBeside(
    files,
    `nic=/proc/sys/net/ipv4/conf/ens33/forwarding
apply() { ${READER} "$@" 2>/dev/null || :; }
ip link add ens33 type veth peer name cable
apply
cat /proc/sys/net/ipv4/ip_forward "$nic"
ip link set ens33 name before
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 0 >/proc/sys/net/ipv4/ip_forward
echo 0 >/proc/sys/net/ipv4/conf/default/forwarding
apply
ip link add ens33 type veth peer name other
apply --prefix=/net/ipv4/conf/ens33
cat "$nic"
`,
  ).split('\n');
  return [host, present, late];
}

const keys = [
  ...[
    'net.ipv4.ip_forward',
    'net/ipv4/ip_forward',
    '-net.ipv4.ip_forward',
    '- net/ipv4/ip_forward',
  ],
  ...['net.ipv4.conf.all.forwarding', 'net/ipv4/conf/all/forwarding'],
  ...['net.ipv4.conf.default.forwarding', 'net.ipv4.conf.ens33.forwarding'],
  ...['net.ipv4.conf.*.forwarding', 'net.ipv4.conf.ens[!4]*.forwarding', 'net/ipv4/ip_forwar?'],
  ...['net.ipv4.*.forwarding', 'net.ipv4.conf.all.mc_forwarding'],
];
const values = ['0', '1', '0 # off', '1# on', '', '0x1', '00', 'yes', '1 0'];
const lines = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.constantFrom(...keys), fc.constantFrom(' = ', '='), fc.constantFrom(...values))
      .map((parts) => parts.join('')),
    weight: 5,
  },
  fc.constantFrom(
    ...[
      '# net.ipv4.ip_forward = 0',
      '; net.ipv4.ip_forward = 0',
      '-net.ipv4.conf.ens33.forwarding',
    ],
    ...['\tnet.ipv4.ip_forward=1\r', 'net.ipv4.ip_forward', ''],
    // What an editor shows as one line, and is several.
    ...['# off\rnet.ipv4.ip_forward=0', 'net.ipv4.ip_forward=0\0# on', '#\0net.ipv4.ip_forward=1'],
    `# ${'x'.repeat(70_000)}\rnet.ipv4.conf.all.forwarding=0`,
  ),
);
const folders = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/lib/sysctl.d', '/usr/local/lib/sysctl.d'];
const anyFiles = fc
  .array(
    fc.tuple(
      fc.constantFrom(...folders),
      fc.constantFrom('10-a.conf', '99-b.conf', 'Z.conf', 'zz-stig.conf', 'é.conf', '99-c.txt'),
      fc.array(lines, { minLength: 1, maxLength: 4 }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((all) =>
    Object.fromEntries(all.map(([folder, name, text]) => [`${folder}/${name}`, text.join('\n')])),
  );

(canRun ? describe : describe.skip)('forwarding as a boot leaves it', () => {
  test('is what systemd-sysctl and the kernel make of any files', () => {
    fc.assert(
      fc.property(anyFiles, (files) => {
        const [host, present, late] = kernelAfter(files);
        const [ours, nic] = bootWith(forwarding, readBeside(files), []);
        expect(ours?.value).toBe(host);
        expect(nic?.value).toBe(late === host ? present : late);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  test('is on with the file that is chosen, or somebody is named who keeps it off', () => {
    fc.assert(
      fc.property(anyFiles, (files) => {
        const { path: name, content, outcome } = chooseFile(forwarding, readBeside(files));
        const kernel = kernelAfter({ ...files, [name]: content });
        const contrary = contraryTo(forwarding, outcome);
        expect(kernel.every((now) => now === '1')).toBe(contrary.length === 0);
        for (const { by } of contrary) expect(files).toHaveProperty([by?.file ?? '']);
      }),
      {
        numRuns: 15,
        // What the kernel refuses still takes the place of what was said before.
        examples: [
          [
            {
              '/etc/sysctl.d/10-a.conf': 'net.ipv4.ip_forward = 0',
              '/etc/sysctl.d/é.conf':
                'net.ipv4.ip_forward = 1# on\nnet.ipv4.conf.all.forwarding = yes',
            },
          ],
        ],
      },
    );
  }, 120_000);

  test.each<[string, Files, string]>([
    [
      'a hardening guide behind ours',
      { '/etc/sysctl.d/zz-stig.conf': '# RHEL-07-040740\nnet.ipv4.conf.all.forwarding = 0\n' },
      '/etc/sysctl.d/~lvslab-net.ipv4.ip_forward.conf',
    ],
    [
      'a file that is masked, and one that a dangling link hides',
      {
        '/usr/lib/sysctl.d/zz-a.conf': 'net.ipv4.ip_forward = 0\n',
        '/etc/sysctl.d/zz-a.conf': '->/dev/null',
        '/usr/lib/sysctl.d/zz-b.conf': 'net.ipv4.ip_forward = 0\n',
        '/run/sysctl.d/zz-b.conf': '->/nowhere',
      },
      '/etc/sysctl.d/99-zz-lvslab-net.ipv4.ip_forward.conf',
    ],
    [
      '/etc/sysctl.conf by a link behind ours',
      {
        '/etc/sysctl.conf': 'net.ipv4.ip_forward=0\n',
        '/etc/sysctl.d/zzz-local.conf': '->../sysctl.conf',
      },
      '/etc/sysctl.d/~lvslab-net.ipv4.ip_forward.conf',
    ],
    [
      'NICs by a pattern, without ending',
      { '/etc/sysctl.d/20-nics.conf': '-net/ipv4/conf/*/forwarding=0' },
      '/etc/sysctl.d/99-zz-lvslab-net.ipv4.ip_forward.conf',
    ],
    [
      'names with odd characters',
      {
        "/etc/sysctl.d/zz 'a':1:$(b).conf": 'net.ipv4.ip_forward=0\n',
        '/etc/sysctl.d/zz.conf.d/x': 'no file of it\n',
      },
      '/etc/sysctl.d/~lvslab-net.ipv4.ip_forward.conf',
    ],
  ])('survives %s', (_, files, expected) => {
    const { path: name, content } = chooseFile(forwarding, readBeside(files));
    expect(name).toBe(expected);
    expect(kernelAfter({ ...files, [name]: content })).toEqual(['1', '1', '1']);
  });

  test('is read by procps from /etc/sysctl.conf last, which is told', () => {
    const resource = sysctl(forwarding);
    const files = { '/etc/sysctl.conf': '# by hand\nnet.ipv4.ip_forward=0\n' };
    const found = resource.parse(
      runBeside(files, `ip link add ens33 type veth peer name cable\n${resource.observe.text}`),
    );
    if (found.kind !== 'value') throw new Error(JSON.stringify(found));
    expect(resource.notice?.(found)).toContain('/etc/sysctl.conf:2');
    const by = { reader: 'sysctl --system', hasGlobs: true } as const;
    const all = [...(found.value.others?.lines ?? []), ...(found.value.others?.byHand ?? [])];
    expect(setAtBoot(all, forwarding, by)[0]?.value).toBe('0');
  });

  test('is set now on the NICs whose own switch is off, and goes back', () => {
    const resource = sysctl(forwarding);
    const prepare = `ip link add ens33 type veth peer name cable
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 0 >/proc/sys/net/ipv4/conf/ens33/forwarding
`;
    const found = resource.parse(runBeside({}, `${prepare}${resource.observe.text}`));
    if (found.kind === 'unknown') throw new Error(found.reason);
    const wanted = resource.aim(found);
    const [there, back] = [resource.converge(found, wanted), resource.converge(wanted, found)];
    const output = runBeside(
      {},
      `${prepare}set -e\n${there.text}
cat /proc/sys/net/ipv4/conf/ens33/forwarding /etc/sysctl.d/*.conf
${back.text}
cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/ens33/forwarding
ls -A /etc/sysctl.d`,
    );
    expect(output).toBe('1\n# Written by lvslab.\nnet.ipv4.ip_forward = 1\n1\n0\n');
  });
});
