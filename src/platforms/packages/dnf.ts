import { sh } from '../../engine/model/shell/script.ts';
import { type PackageManager } from './package-manager.ts';
import { removeRpms, rpmPackages } from './rpm-packages.ts';

/** dnf with the sources that the host has, and without what packages merely recommend. */
export const dnf: PackageManager = {
  ...rpmPackages,
  name: 'dnf',
  install: (names) => sh`
    ## A source that says nothing is not waited for as long as dnf would.
    dnf -y --setopt=timeout=15 --setopt=retries=2 --setopt=install_weak_deps=False install -- ${names}
    ## Another package may have been taken that merely provides the name.
    rpm -q -- ${names}
  `,
  remove: ({ names }) => removeRpms('dnf', names),
};
