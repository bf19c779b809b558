import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { labCgroup, type LabIdentity } from '../../../../src/embedded/embedded-lab.ts';
import { provideImage } from '../../../../src/embedded/images/build-image.ts';
import { debianSources } from '../../../../src/embedded/images/debian-mirror.ts';
import { type ImageRecipe, suite } from '../../../../src/embedded/images/recipes/image-recipe.ts';
import { makeCgroup, procsFiles } from '../../../../src/embedded/machine/cgroups.ts';
import { askProgram } from '../../../../src/embedded/machine/programs.ts';
import { type Script, sh } from '../../../../src/engine/model/shell/script.ts';
import { layOutController, PACKAGES, PROJECT } from '../../../support/lab/controller-image.ts';

/** The folder that a machine shares with the test. */
export const SHARED = '/opt/shared';
const NPM = '/usr/local/lib/node_modules/npm';

/** How long a machine may run, in milliseconds: a lab is made in it, on a machine that may be busy. */
const LIMIT_MS = 3 * 3_600_000;

export interface ControllerMachine {
  readonly recipe: ImageRecipe;
  /** Runs once it has booted; standard output and standard error are the report. */
  readonly script: Script;
  /** More files of it: absolute path and text. */
  readonly files?: Readonly<Record<string, string>>;
  /** The project's folder on this machine; node_modules is bound, the rest copied. */
  readonly project: string;
  /** A folder that is its alone; its `shared` is `SHARED` inside. */
  readonly folder: string;
}

/**
 * Boots a machine in a container, with the project and Node.js but without any network, and resolves to its report when it has switched
 * itself off.
 */
export async function runControllerMachine(
  lab: LabIdentity,
  machine: ControllerMachine,
): Promise<string> {
  const { cache } = lab.paths;
  const { folder, project } = machine;
  const cgroup = `${labCgroup(lab)}/machine`;
  await Promise.all([makeCgroup(labCgroup(lab, 'work')), makeCgroup(cgroup)]);
  const image = await provideImage(machine.recipe, {
    cache,
    sources: () => debianSources(suite, { cache }),
    cgroup: labCgroup(lab, 'work'),
    tell: { progress: () => undefined, note: () => undefined },
  });
  const below = (name: string): string => path.join(folder, name);
  for (const name of ['upper', 'work', 'root', 'labs', 'cache', 'shared']) {
    mkdirSync(below(name), { recursive: true });
  }
  const script = sh`
    exec >${SHARED}/report 2>&1 </dev/null
    export NO_COLOR=1 HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    ln -s ${NPM}/bin/npm-cli.js /usr/local/bin/npm
    cd ${PROJECT}
    ## As in a fresh clone.
    rm -rf dist
    lvslab() { node bin/lvslab.js "$@"; }
    ${machine.script}
    systemctl poweroff
  `;
  layOutController(below('upper'), { ...machine, script });
  const binds = [
    ...[`--bind-ro=${path.join(project, 'node_modules')}:${PACKAGES}`],
    `--bind-ro=${path.join(process.execPath, '../../lib/node_modules/npm')}:${NPM}`,
    `--bind=${below('shared')}:${SHARED}`,
    // On a file system of this machine: an overlay takes no other for its upper layer.
    ...[
      `--bind=${below('labs')}:/var/lib/lvslab-lab`,
      `--bind=${below('cache')}:/var/cache/lvslab`,
    ],
    '--bind=/dev/net/tun',
  ];
  const nspawn = [
    ...['systemd-nspawn', '--quiet', '--settings=no', `--directory=${below('root')}`, '--boot'],
    ...[`--machine=${lab.name}`, '--register=no', '--keep-unit', '--private-users=no'],
    ...['--private-network', '--resolv-conf=off', '--timezone=off', '--link-journal=no'],
    ...['--console=read-only', '--system-call-filter=@keyring bpf', ...binds],
  ];
  const layers = `lowerdir=${image},upperdir=${below('upper')},workdir=${below('work')}`;
  const life = sh`
    set -eu
    for procs in ${procsFiles(cgroup)}; do echo 0 > "$procs"; done
    mount -t overlay overlay -o ${layers} ${below('root')}
    mkdir -p /run/systemd/nspawn
    mount -t tmpfs -o mode=755 tmpfs /run/systemd/nspawn
    exec ${nspawn}
  `;
  const ended = await askProgram(
    ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', life.text],
    { limitMs: LIMIT_MS },
  );
  const report = readFileSync(below('shared/report'), { encoding: 'utf8', flag: 'a+' });
  return ended.exitCode === 0 ? report : `${report}\n${ended.stdout}\n${ended.stderr}`;
}
