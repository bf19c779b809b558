import { type NetworkKind } from './release.ts';

/** On what lvslab was seen to set up a whole lab, to survive a reboot of all hosts, and to take all of it back. */
interface Evidence {
  /** ID of os-release and the release: 'debian 12'. */
  readonly host: string;
  readonly network: NetworkKind;
  /** On the system's own programs, or on a stand-in: its release files, paths and package manager over Debian's programs. */
  readonly how: 'real' | 'stand-in';
  /** The test that does it. */
  readonly test: string;
}

/** All that was seen; everything else is data. */
export const evidence: readonly Evidence[] = [
  {
    host: 'debian 12',
    network: 'ifupdown',
    how: 'real',
    test: 'test/lab/full-cycle-debian.test.ts',
  },
  { host: 'debian 12', network: 'nm', how: 'real', test: 'test/lab/flavours/all.flavours.ts' },
  {
    host: 'debian 12',
    network: 'networkd',
    how: 'real',
    test: 'test/lab/flavours/all.flavours.ts',
  },
  {
    host: 'debian 13',
    network: 'ifupdown',
    how: 'real',
    test: 'test/lab/flavours/all.flavours.ts',
  },
  {
    host: 'ubuntu 24.04',
    network: 'netplan',
    how: 'stand-in',
    test: 'test/lab/flavours/all.flavours.ts',
  },
  { host: 'rocky 9', network: 'nm', how: 'stand-in', test: 'test/lab/flavours/all.flavours.ts' },
  { host: 'centos 7', network: 'ifcfg', how: 'stand-in', test: 'test/lab/full-cycle-el7.test.ts' },
];
