import { definePlay, definePlaybook, packageSet } from 'lvslab';

/** What `lvslab trace` listens with, where a host lacks it. */
export const tcpdump = definePlay({
  name: 'bring tcpdump for a trace',
  hosts: 'all',
  resources: ({ platform }) => [packageSet(platform, ['tcpdump'])],
});

export default definePlaybook({ name: 'tcpdump', plays: [tcpdump] });
