import { definePlaybook, directory, file } from 'lvslab';

const resources = () => [
  directory({ path: '/usr/local/lvslab-test' }),
  file({ path: '/usr/local/lvslab-test/page', content: 'made\n' }),
];

/** Something to be done on a director and on real servers, in folders that a disguised host has for itself. */
export default definePlaybook({
  name: 'beside an evil host',
  plays: [
    { name: 'make a page', hosts: 'real_servers', resources },
    { name: "make the director's page", hosts: 'director', resources },
  ],
});
