import { sh } from '../../../engine/model/shell/script.ts';
import { debianRecipe } from './debian.ts';
import { type ImageRecipe } from './image-recipe.ts';
import { provisionedWithPcre2 } from './provisioned-packages.ts';

/** The release of Debian after that of the other flavours, with ifupdown as an upgraded server has it. */
export const debian13Recipe: ImageRecipe = {
  ...debianRecipe,
  flavour: 'debian13',
  suite: 'trixie',
  offline: provisionedWithPcre2,
  // Since systemd 256, a masked logind keeps `systemctl reboot` from doing anything.
  customize: [sh`rm "$1"/etc/systemd/system/systemd-logind.service`],
};
