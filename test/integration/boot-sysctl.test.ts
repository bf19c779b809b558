import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  observeSysctlBoot,
  type SysctlAtBoot,
  sysctlAtBoot,
  type SysctlReader,
} from '../../src/platforms/network/boot/sysctl-boot.ts';
import { readersFolder, runBeside } from '../support/real-readers.ts';

const tools = readersFolder();
type Files = Readonly<Record<string, string>>;

/** What is read of the files, and what the kernel has when the reader itself has applied them. */
function applied(
  files: Files,
  {
    key = 'net.ipv4.ip_forward',
    reader = 'systemd-sysctl',
  }: { key?: string; reader?: SysctlReader } = {},
): { readonly boot: SysctlAtBoot; readonly kernel: string } {
  const command =
    reader === 'systemd-sysctl' ? '/usr/lib/systemd/systemd-sysctl' : 'sysctl --system >/dev/null';
  const output = runBeside(
    tools ?? '',
    { '/etc/sysctl.d/README': '', ...files },
    `ip link add ens33 type veth peer name cable
chmod 0755 /etc/rc.local 2>/dev/null || :
(${observeSysctlBoot.text})
${command} 2>/dev/null || :
echo "kernel"
sed 's/^/ /' "/proc/sys/${key.replaceAll('.', '/')}"
`,
  );
  const [, kernel = ''] = /\nkernel\n (.*)\n$/.exec(output) ?? [];
  const boot = sysctlAtBoot(output, { key, wanted: '1', reader });
  if (boot.kind !== 'value') throw new Error(boot.kind === 'unknown' ? boot.reason : 'absent');
  return { boot: boot.value, kernel };
}

const spellings = fc.constantFrom(
  ...['net.ipv4.ip_forward', 'net/ipv4/ip_forward', '-net.ipv4.ip_forward'],
  ...[
    'net.ipv4.conf.all.forwarding',
    'net/ipv4/conf/all/forwarding',
    '-net/ipv4/conf/all/forwarding',
  ],
  ...['net.ipv4.conf.*.mc_forwarding', 'net.ipv4.conf.default.rp_filter', 'net.ipv4.ip_forwar?'],
);
const lines = fc.oneof(
  fc.tuple(spellings, fc.constantFrom('0', '1')).map(([key, set]) => `${key} = ${set}`),
  fc.constantFrom('# net.ipv4.ip_forward = 0', '; x', '-net.ipv4.ip_forward', 'nonsense', ''),
);
const folders = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/lib/sysctl.d', '/usr/local/lib/sysctl.d'];
const files = fc
  .array(
    fc.tuple(
      fc.constantFrom(...folders),
      fc.constantFrom('10-a.conf', '99-b.conf', 'Z.conf', '99-c.txt'),
      fc.array(lines, { minLength: 1, maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((all) =>
    Object.fromEntries(
      all.map(([folder, name, text]) => [`${folder}/${name}`, `${text.join('\n')}\n`]),
    ),
  );

(tools === undefined ? describe.skip : describe)('the kernel setting that a boot leaves', () => {
  test.each(['systemd-sysctl', 'sysctl --system'] as const)(
    'is what %s has made of any files',
    (reader) => {
      fc.assert(
        fc.property(files, (all) => {
          const { boot, kernel } = applied(all, { reader });
          expect(boot.decided?.value ?? '0').toBe(kernel);
        }),
        { numRuns: 8 },
      );
    },
  );

  test('is told with the line that decides, whichever spelling it has', () => {
    const { boot, kernel } = applied({
      '/etc/sysctl.d/99-zz-lvslab-net.ipv4.ip_forward.conf': 'net.ipv4.ip_forward = 1\n',
      '/etc/sysctl.d/zz-stig.conf': '# hardening\nnet.ipv4.conf.all.forwarding = 0\n',
    });
    expect(kernel).toBe('0');
    expect(boot.decided).toEqual({ file: '/etc/sysctl.d/zz-stig.conf', line: 2, value: '0' });
  });

  test('of a NIC comes from its own key, or from a pattern, but not against a line of its own', () => {
    const key = 'net.ipv4.conf.ens33.rp_filter';
    const own = 'net.ipv4.conf.ens33.rp_filter = 2\n';
    const pattern = { '/usr/lib/sysctl.d/50-default.conf': 'net.ipv4.conf.*.rp_filter = 1\n' };
    const both = applied({ ...pattern, '/etc/sysctl.d/10-own.conf': own }, { key });
    expect([both.kernel, both.boot.decided?.file]).toEqual(['2', '/etc/sysctl.d/10-own.conf']);
    const alone = applied(pattern, { key });
    expect([alone.kernel, alone.boot.decided?.value]).toEqual(['1', '1']);
  });

  test('is read by procps from /etc/sysctl.conf last', () => {
    const all = {
      '/etc/sysctl.d/99-a.conf': 'net.ipv4.ip_forward=1\n',
      '/etc/sysctl.conf': 'net.ipv4.ip_forward=0\n',
    };
    const procps = applied(all, { reader: 'sysctl --system' });
    expect([procps.kernel, procps.boot.decided?.file]).toEqual(['0', '/etc/sysctl.conf']);
    const systemd = applied(all);
    expect([systemd.kernel, systemd.boot.decided?.file]).toEqual(['1', '/etc/sysctl.d/99-a.conf']);
  });

  test('is in danger from what runs later', () => {
    const { boot } = applied({
      '/etc/rc.local':
        '#!/bin/sh\n# sysctl -w net.ipv4.ip_forward=0\nsysctl -q -w net.ipv4.ip_forward=0\necho 0 > /proc/sys/net/ipv4/conf/all/forwarding\necho 1 >/proc/sys/net/ipv4/ip_forward\n',
    });
    expect(boot.conflicts.map(({ file, line }) => `${file}:${line}`)).toEqual([
      '/etc/rc.local:3',
      '/etc/rc.local:4',
    ]);
  });
});
