import { describe, expect, test } from '@jest/globals';

import { parseIndexTargets, whenOutOfReach } from '../../../src/embedded/images/apt-archive.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const signed = `[signed-by=${keyring}]`;

describe('the package sources of the images', () => {
  test("are this machine's mirrors, turned to the release of the images", () => {
    const listed = [
      'http://mirror.example/debian/ trixie main',
      'http://mirror.example/debian/ trixie main',
      'http://mirror.example/debian/ trixie-updates main',
      'http://mirror.example/debian/ trixie-backports main',
      'http://mirror.example/debian/ trixie contrib',
      'http://security.example/debian-security/ trixie-security main',
    ].join('\n');
    expect(parseIndexTargets(listed, { suite: 'bookworm', keyring })).toEqual([
      `${signed} http://mirror.example/debian/ bookworm main`,
      `${signed} http://security.example/debian-security/ bookworm-security main`,
    ]);
  });

  test('are none where apt knows none', () => {
    expect(parseIndexTargets('\n', { suite: 'bookworm', keyring })).toEqual([]);
  });
});

test('what to do names each mirror once, without what apt is told about it', () => {
  const sources = ['bookworm', 'bookworm-security', 'trixie'].map(
    (release) =>
      `${signed} http://mirror.example/debian${release === 'trixie' ? '-next' : ''} ${release} main`,
  );
  expect(whenOutOfReach(sources)).toBe(
    'Check the network and the mirror http://mirror.example/debian and http://mirror.example/debian-next, or give another as --mirror.',
  );
});
