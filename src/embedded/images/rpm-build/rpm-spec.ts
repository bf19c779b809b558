import { type RpmPackage } from './rpm-package.ts';

/** What a spec file says about a package beside its files. */
interface SpecOptions {
  /** What the packages are named and numbered as: 'CentOS 7.5'. */
  readonly system: string;
  readonly packages: readonly RpmPackage[];
  /** Whether the packages' files lie in .deb files or are installed already. */
  readonly from: 'debs' | 'installed';
}

/** The spec file that makes all the packages in one run of rpmbuild; templates/embedded/rpm-build/ has the shell it calls. */
export function renderSpec({ system, packages, from }: SpecOptions): string {
  return [
    'Name: lvslab-stand-in',
    'Version: 1',
    'Release: 1',
    `Summary: Source of the packages of the lvslab stand-in for ${system}`,
    'License: see Debian',
    '%description',
    'No package of this name is built.',
    ...packages.map((rpm) => renderPackage(rpm, system)),
    '%install',
    'lists=%{lists} debs=%{debs}',
    '. %{stage}',
    ...packages.map((rpm) => renderStaging(rpm, from)),
    ...packages.map(renderFiles),
    '',
  ].join('\n');
}

function renderPackage(
  { name, version, requires = [], provides = [] }: RpmPackage,
  system: string,
): string {
  const [, epoch, number, release] = /^(?:(\d+):)?([^-]+)-(.+)$/.exec(version) ?? [];
  return [
    `%package -n ${name}`,
    ...(epoch === undefined ? [] : [`Epoch: ${epoch}`]),
    `Version: ${number ?? ''}`,
    `Release: ${release ?? ''}`,
    `Summary: ${name}, lvslab stand-in`,
    'Vendor: lvslab stand-in, built from Debian',
    'AutoReqProv: no',
    ...requires.map((requirement) => `Requires: ${requirement}`),
    ...provides.map((capability) => `Provides: ${capability}`),
    `%description -n ${name}`,
    `Named and numbered as in ${system}; the files are those of Debian's packages.`,
  ].join('\n');
}

function renderStaging(
  { name, debs, files = [], extra }: RpmPackage,
  from: SpecOptions['from'],
): string {
  const stage = from === 'debs' ? 'stage_debs' : 'stage_installed';
  return [
    ...(debs.length > 0 ? [`${stage} ${name} ${debs.join(' ')}`] : []),
    ...(files.length > 0 ? [`printf '%%s\\n' ${files.join(' ')} | stage_files ${name}`] : []),
    ...(extra === undefined ? [] : [extra.install]),
  ].join('\n');
}

function renderFiles({ name, extra }: RpmPackage): string {
  return [
    `%files -n ${name} -f %{lists}/${name}`,
    ...(extra === undefined ? [] : [extra.files, extra.scriptlets ?? '']),
  ].join('\n');
}
