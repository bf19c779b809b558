import { evidence } from './evidence.ts';
import { networkKinds, type NetworkKind, type System, type SystemRelease } from './release.ts';
import { systems } from './systems.ts';

/** docs/platforms.md, made of what the code knows of systems and of what tests have seen. */
export function renderPlatformsPage(): string {
  return `${[INTRODUCTION, table(networkTable()), PACKAGES, table(packagesTable()), PROOFS, proofs()].join('\n\n')}\n`;
}

const INTRODUCTION = `<!-- Made by test/unit/platforms/platforms-page.test.ts: UPDATE_GOLDEN=1 writes it anew. -->

# Platforms

Which systems lvslab takes as hosts, and how far that was tried. A host is told by its os-release: \`ID\`, \`VERSION_ID\` and, for
rebuilds of RHEL that are not listed, \`PLATFORM_ID\`. Who runs its network is asked on the host, NIC by NIC.
A Debian newer than 13 is taken to be built like 13, which is data as well.

- **real**: a whole lab was set up, rebooted, verified and torn down on the system's own programs.
- **stand-in**: the same on a host with that system's release files, paths and package manager, but Debian's programs. What only the
  real programs do was not seen.
- **data**: names of packages, files and services are known, and detection is tested with the system's own os-release. Nothing was run.
- **–**: the system does not come so.`;

const PACKAGES = `## Packages

Where packages come from, the library with PCRE for nginx (older ones than 1.21.5 need the first PCRE), and what turns SELinux off
for good with \`lvs_selinux: disabled\`. Where that is an argument of the kernel, \`grubby\` gives it to all kernels, and takes it from them at a
teardown; on a host without a boot loader, a container, it is the file. The user is who logs in to the images that the system's makers
offer for clouds; with any user but root, set \`ansible_become: true\`.`;

const PROOFS = '## Where it was seen';

type Row = readonly string[];

function allReleases(): readonly (readonly [System, SystemRelease])[] {
  return systems.flatMap((system) => system.releases.map((release) => [system, release] as const));
}

function titleOf({ name }: System, { version }: SystemRelease): string {
  return `${name} ${version}`;
}

function networkTable(): readonly Row[] {
  const rows = allReleases().map(([system, release]) => [
    titleOf(system, release),
    ...networkKinds.map((network) => cell(system, release, network)),
  ]);
  return [['system', ...networkKinds], ...rows];
}

function cell({ id }: System, { version, build }: SystemRelease, network: NetworkKind): string {
  const seen = evidence.find((one) => one.host === `${id} ${version}` && one.network === network);
  if (seen !== undefined) return seen.how;
  return build.networks.includes(network) ? 'data' : '–';
}

function packagesTable(): readonly Row[] {
  const rows = allReleases().map(([system, release]) => {
    const { packageManager, archived, pcre, selinux = '–' } = release.build;
    return [
      titleOf(system, release),
      packageManager,
      archived === undefined ? "the host's own sources" : 'the archive of CentOS',
      Object.values(pcre).join(', '),
      selinux,
      release.cloudUser ?? '–',
    ];
  });
  return [['system', 'packages by', 'from', 'PCRE', 'SELinux off by', 'user'], ...rows];
}

/** A table of Markdown, its columns as wide as their widest cell. */
function table([head = [], ...rows]: readonly Row[]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (row: Row): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function proofs(): string {
  return evidence
    .map(({ host, network, how, test }) => `- ${host}, ${network}: ${how}, \`${test}\``)
    .join('\n');
}
