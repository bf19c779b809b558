import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { factsScript } from '../../../src/platforms/facts/facts-script.ts';
import { parseFacts } from '../../../src/platforms/facts/parse-facts.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'lvslab-modules-'));
  mkdirSync(path.join(root, 'modules/3.10.0'), { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function modulesIn(files: Readonly<Record<string, string>>): readonly string[] | undefined {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(root, name), text);
  const script = factsScript.text
    .replaceAll('/lib/modules', `${root}/modules`)
    .replaceAll('/proc/modules', `${root}/loaded`)
    .replaceAll('uname -r', 'echo 3.10.0');
  const facts = parseFacts(execFileSync('sh', { input: script, encoding: 'utf8' }));
  return facts.ipvsModules === undefined ? undefined : [...facts.ipvsModules].toSorted();
}

const dep = `kernel/net/netfilter/ipvs/ip_vs.ko.xz: kernel/lib/libcrc32c.ko.xz
kernel/net/netfilter/ipvs/ip_vs_rr.ko.xz: kernel/net/netfilter/ipvs/ip_vs.ko.xz
kernel/net/netfilter/ipvs/ip_vs_wrr.ko: kernel/net/netfilter/ipvs/ip_vs.ko
extra/ip_vs_own.ko.zst:
kernel/net/other.ko: kernel/net/netfilter/ipvs/ip_vs_sed.ko
`;

test('what modprobe would find, what is built in, and what is loaded', () => {
  const files = {
    'modules/3.10.0/modules.dep': dep,
    'modules/3.10.0/modules.builtin': 'kernel/net/netfilter/ipvs/ip_vs_sh.ko\nkernel/a.ko\n',
    loaded: 'ip_vs_lc 16384 0 - Live 0x0\nip_vs 1 1 ip_vs_lc, Live 0x0\n',
  };
  expect(modulesIn(files)).toEqual(['ip_vs_lc', 'ip_vs_own', 'ip_vs_rr', 'ip_vs_sh', 'ip_vs_wrr']);
});

test('without the lists, as in a container, it is not known', () => {
  expect(modulesIn({ loaded: 'ip_vs_lc 16384 0 - Live 0x0\n' })).toBeUndefined();
  expect(modulesIn({ 'modules/3.10.0/modules.dep': dep })).toBeUndefined();
});
