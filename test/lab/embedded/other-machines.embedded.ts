import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { debianSources } from '../../../src/embedded/images/debian-mirror.ts';
import { suite } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { el9Recipe } from '../../../src/embedded/images/recipes/el9/el9.ts';
import { ubuntuRecipe } from '../../../src/embedded/images/recipes/ubuntu.ts';
import { takeDown } from '../../../src/embedded/take-down.ts';
import { sh } from '../../../src/engine/model/shell/script.ts';
import { asController } from '../../support/lab/controller-image.ts';
import { openArchiveMirror } from './machines/archive-mirror.ts';
import { runControllerMachine, SHARED } from './machines/controller-machine.ts';

jest.setTimeout(4 * 3_600_000);

const lab = labNamed('lvctl');
const project = fileURLToPath(new URL('../../../', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync('/var/tmp/lvslab-machine-');
});

afterEach(async () => {
  await takeDown({ ...lab, report: () => undefined });
  rmSync(folder, { recursive: true });
});

/** Carries what comes to loopback to the mirror's socket. */
const forward = `import { connect, createServer } from 'node:net';
for (const port of [80, 8080]) {
  createServer((from) => {
    const to = connect('${SHARED}/mirror');
    for (const end of [from, to]) end.on('error', () => { from.destroy(); to.destroy(); });
    from.pipe(to).pipe(from);
  }).listen(port, '127.0.0.1');
}
`;

/** What Ubuntu's apt knows; there is no way to it from this machine. */
const ubuntuSources = `Types: deb
URIs: http://archive.ubuntu.com/ubuntu/
Suites: noble noble-updates
Components: main universe
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg
`;

test('an Ubuntu whose apt knows no Debian: the demo by default, and a lab from a mirror that is named', async () => {
  const { cache } = lab.paths;
  const [source = ''] = await debianSources(suite, { cache });
  const [, upstream = ''] = source.split(' ');
  mkdirSync(path.join(folder, 'shared'));
  const mirror = await openArchiveMirror({
    socket: path.join(folder, 'shared/mirror'),
    folder: path.join(folder, 'mirror'),
    upstream,
    debs: path.join(cache, 'debs'),
  });
  const report = await runControllerMachine(lab, {
    recipe: asController(ubuntuRecipe),
    files: {
      '/etc/hosts': '127.0.0.1 localhost machine ftp.debian.org\n',
      '/etc/apt/sources.list.d/ubuntu.sources': ubuntuSources,
      '/opt/forward.mjs': forward,
    },
    script: sh`
      . /etc/os-release
      echo "on $PRETTY_NAME, Debian in apt: $(apt-get indextargets 'Origin: Debian' | wc -l)"
      node /opt/forward.mjs &
      npm run demo; echo "demo: $?"
      lvslab lab down; echo "lab down: $?"
      rm -rf /var/cache/lvslab/images /var/cache/lvslab/kernel*
      lvslab lab up --mirror http://127.0.0.1:8080/own/debian; echo "lab up: $?"
      lvslab lab status; echo "lab status: $?"
      lvslab lab down; echo "lab down again: $?"
    `,
    ...{ project, folder },
  });
  await mirror.close();
  process.stdout.write(report);
  expect(report).toContain('on Ubuntu 24.04');
  expect(report).toContain('Debian in apt: 0');
  expect(report).toContain('as expected, every real server runs again');
  for (const done of ['demo', 'lab down', 'lab up', 'lab status', 'lab down again']) {
    expect(report).toContain(`\n${done}: 0\n`);
  }
  expect([...mirror.asked()].sort()).toEqual([
    '127.0.0.1:8080/own/debian',
    'ftp.debian.org/debian',
  ]);
});

test('a machine without apt says what to install, with its own package manager or by name', async () => {
  const report = await runControllerMachine(lab, {
    // It brings what Node.js is linked with.
    recipe: el9Recipe,
    script: sh`
      rm -f /usr/bin/apt* /usr/bin/dpkg*
      npm run demo; echo "demo: $?"
      lvslab doctor; echo "doctor: $?"
      rm -f /usr/bin/dnf*
      lvslab demo; echo "demo without any: $?"
      ls -A /var/lib/lvslab-lab | sed 's/^/left: /'
    `,
    ...{ project, folder },
  });
  process.stdout.write(report);
  const words = report.replaceAll(/\s+/g, ' ');
  expect(words).toContain('are missing on this machine and will be installed with dnf:');
  expect(words).toContain(
    "→ Check the network and this machine's package sources, then try again. demo: 1",
  );
  expect(words).toContain('Install them with `dnf install --assumeyes');
  expect(words).toContain('doctor: 0');
  expect(words).toMatch(/programs are missing on this machine: systemd-nspawn .*mmdebstrap .*\[E_/);
  expect(words).toContain("→ Install them with this machine's own package manager");
  expect(words).toContain('demo without any: 1');
  expect(report).not.toContain('left: ');
});
