import { expect, test } from '@jest/globals';
import { stepFailure } from '../../../src/engine/host/step-failure.ts';
import { explainFailure } from '../../../src/resources/packages/package-failure.ts';

const said = (output: string): string =>
  stepFailure({ host: 'rs1', step: 'packages make', exitCode: 1, output, explain: explainFailure })
    .message;

test.each([
  [
    "dd: error writing '/var/lib/lvslab/journal': No space left on device\n0+0 records out",
    "the disk is full: dd: error writing '/var/lib/lvslab/journal': No space left on device",
  ],
  [
    "Need to get 396 kB of archives.\nE: You don't have enough free space in /var/cache/apt/archives/.",
    "the disk is full: E: You don't have enough free space in /var/cache/apt/archives/.",
  ],
  [
    'Error: Transaction test error:\n  installing package make-1:3.82-23.el7.x86_64 needs 1MB more space on the / filesystem\n',
    'the disk is full: installing package make-1:3.82-23.el7.x86_64 needs 1MB more space on the / filesystem',
  ],
  [
    'Disk Requirements:\n  At least 4MB more space needed on the / filesystem.\n\nError Summary\n',
    'the disk is full: At least 4MB more space needed on the / filesystem.',
  ],
  ['Bus error\nonly 0 KiB are free on /', 'the disk is full: only 0 KiB are free on /'],
  [
    "cp: cannot create regular file '/etc/x': Read-only file system",
    "the file system is read-only: cp: cannot create regular file '/etc/x': Read-only file system",
  ],
])('a disk that takes no more is called so: %j', (output, message) => {
  expect(said(output)).toBe(message);
});

test.each([
  [
    'E: Unable to locate package make\nW: Failed to fetch http://192.168.2.1:8099/./InRelease  Could not connect to 192.168.2.1:8099 (192.168.2.1). - connect (111: Connection refused)\nE: Unable to locate package make',
    'packages could not be fetched from http://192.168.2.1:8099/./InRelease: Could not connect to 192.168.2.1:8099 (192.168.2.1). - connect (111: Connection refused)',
  ],
  [
    'E: Failed to fetch http://192.168.2.1:8099/./make_4.3-4.1_amd64.deb  404  Not Found [IP: 192.168.2.1 8099]\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?',
    'packages could not be fetched from http://192.168.2.1:8099/./make_4.3-4.1_amd64.deb: 404  Not Found [IP: 192.168.2.1 8099]',
  ],
  [
    "Errors during downloading metadata for repository 'lvslab-base':\n  - Status code: 404 for http://192.168.2.1:8099/7.5.1804/os/x86_64/repodata/repomd.xml (IP: 192.168.2.1)\nError: Failed to download metadata for repo 'lvslab-base': Cannot download repomd.xml",
    'packages could not be fetched from http://192.168.2.1:8099/7.5.1804/os/x86_64/repodata/repomd.xml: Status code: 404',
  ],
  [
    "  - Curl error (7): Couldn't connect to server for http://192.168.2.1:8099/7.5.1804/os/x86_64/repodata/repomd.xml [Failed to connect]",
    "packages could not be fetched from http://192.168.2.1:8099/7.5.1804/os/x86_64/repodata/repomd.xml: Curl error (7): Couldn't connect to server",
  ],
  [
    'http://vault.centos.org/7.5.1804/os/x86_64/repodata/repomd.xml: [Errno 14] HTTP Error 404 - Not Found\nTrying other mirror.\n\n failure: repodata/repomd.xml from lvslab-base: [Errno 256] No more mirrors to try.',
    'packages could not be fetched from http://vault.centos.org/7.5.1804/os/x86_64/repodata/repomd.xml: HTTP Error 404 - Not Found',
  ],
  [
    'This system is not registered with an entitlement server.\n\nError: There are no enabled repositories in "/etc/yum.repos.d".',
    `the host's package sources have nothing to give: There are no enabled repositories in "/etc/yum.repos.d".`,
  ],
  [
    "Error: Failed to download metadata for repo 'appstream': Cannot prepare internal mirrorlist: No URLs in mirrorlist",
    "the host's package sources have nothing to give: No URLs in mirrorlist",
  ],
  [
    'No match for argument: pcre-devel\nError: Unable to find a match: pcre-devel',
    "the host's package sources have nothing to give: Unable to find a match: pcre-devel",
  ],
])('a package source that fails is named with what it said: %j', (output, message) => {
  expect(said(output)).toBe(message);
});

test('anything else is its exit status and its last line', () => {
  expect(said('checking for C compiler ... not found\n./configure: error: no')).toBe(
    'exit status 1: ./configure: error: no',
  );
  expect(said('')).toBe('exit status 1');
});
