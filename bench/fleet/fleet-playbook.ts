import { definePlay, definePlaybook, file, packageSet, user } from 'lvslab';

import { hostFiles } from './fleet-scripts.ts';

/** What every host of the fleet has already: a plan has nothing to change, and all of it to ask. */
const fleet = definePlay({
  name: 'what the fleet has',
  hosts: 'real_servers',
  resources: ({ platform }) => [
    ...Object.entries(hostFiles).map(([path, content]) => file({ path, content })),
    packageSet(platform, ['openssh-server', 'make', 'gcc']),
    user({ name: 'nobody', shell: platform.noLoginShell }),
  ],
});

export default definePlaybook({ name: 'fleet', plays: [fleet] });
