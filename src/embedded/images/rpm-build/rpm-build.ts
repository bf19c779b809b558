import { type Script, sh } from '../../../engine/model/shell/script.ts';
import { offlineRepository, type RootFile } from '../recipes/image-recipe.ts';
import { packagedFiles } from '../packaged-files.ts';
import { type RpmPackage } from './rpm-package.ts';
import { renderSpec } from './rpm-spec.ts';

/** Used while the image is made, then removed from it. */
const buildFolder = '/usr/share/lvslab-stand-in/build';

/** What turns an image of Debian's packages into one whose packages are another system's. */
interface RpmBuild {
  readonly files: readonly RootFile[];
  readonly customize: Script;
}

/** The build of a system's packages. */
export function rpmBuildOf({
  system,
  folder,
  installed,
  offered,
}: {
  /** What the packages are named and numbered as: 'CentOS 7.5'. */
  readonly system: string;
  /** Below templates/embedded/, with the system.sh that the build sources. */
  readonly folder: string;
  readonly installed: readonly RpmPackage[];
  readonly offered: readonly RpmPackage[];
}): RpmBuild {
  const spec = (name: string, content: string): RootFile => {
    return { path: `${buildFolder}/${name}.spec`, mode: 0o644, content };
  };
  return {
    get files() {
      return [
        ...packagedFiles('rpm-build', buildFolder),
        ...packagedFiles(folder, buildFolder),
        spec('base', renderSpec({ system, packages: installed, from: 'installed' })),
        spec('vault', renderSpec({ system, packages: offered, from: 'debs' })),
      ];
    },
    customize: sh`chroot "$1" /bin/bash ${`${buildFolder}/build-image.sh`} ${offlineRepository}`,
  };
}
