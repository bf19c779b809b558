import { sh } from '../../engine/model/shell/script.ts';
import { type PackageManager } from './package-manager.ts';
import { removeRpms, rpmPackages } from './rpm-packages.ts';

/** yum, or what answers to that name, with the archived packages that lvslab names alone. */
export const yum: PackageManager = {
  ...rpmPackages,
  name: 'yum',
  install: (names) => sh`
    ## A source that says nothing is not waited for as long as yum would: ten times half a minute for each file.
    yum -y --setopt=timeout=15 --setopt=retries=2 --disablerepo='*' --enablerepo='lvslab-*' \
      install -- ${names}
    ## yum is content when it finds only some of them.
    rpm -q -- ${names}
  `,
  remove: ({ names }) => removeRpms('yum', names),
};
