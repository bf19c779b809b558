import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { EmbeddedLabError } from '../../engine/model/failures/errors.ts';
import { type ProgramOptions, removeTree, runProgram } from '../machine/programs.ts';

/** One source line of apt, without its first word (`deb`). */
export type AptSource = string;

/** Where this machine gets Debian from, turned to the given release; none where it has no apt, or apt knows no Debian. */
export async function machineSources({
  suite,
  keyring,
  signal,
}: {
  readonly suite: string;
  /** What the sources are verified by, a file. */
  readonly keyring: string;
  readonly signal?: AbortSignal | undefined;
}): Promise<readonly AptSource[]> {
  if (!existsSync('/usr/bin/apt-get')) return [];
  const format = ['--format', '$(REPO_URI) $(CODENAME) $(COMPONENT)', 'Created-By: Packages'];
  const listed = await runProgram(['apt-get', 'indextargets', ...format, 'Origin: Debian'], {
    signal,
    step: 'apt sources',
  });
  return parseIndexTargets(listed, { suite, keyring });
}

/** The main archive and the security archive among apt's index targets, turned to the given release. */
export function parseIndexTargets(
  listed: string,
  { suite, keyring }: { readonly suite: string; readonly keyring: string },
): readonly AptSource[] {
  const source = (uri: string, release: string): AptSource =>
    `[signed-by=${keyring}] ${uri} ${release} main`;
  const sources = listed.split('\n').flatMap((line) => {
    const [uri, codename = '', component] = line.trim().split(' ');
    if (uri === undefined || component !== 'main') return [];
    if (/^[a-z]+$/.test(codename)) return [source(uri, suite)];
    if (/^[a-z]+-security$/.test(codename)) return [source(uri, `${suite}-security`)];
    return [];
  });
  return [...new Set(sources)];
}

/** What to do where these sources don't give what they should. */
export function whenOutOfReach(sources: readonly AptSource[]): string {
  const urls = sources.map((line) => line.replace(/^\[[^\]]*\] */, '').split(' ')[0] ?? line);
  const named = [...new Set(urls)].join(' and ');
  return `Check the network and the mirror ${named}, or give another as --mirror.`;
}

/** Downloads from the archive with package lists of its own; this machine's apt is left as it is. */
export interface AptArchive {
  /** Fetches the .deb files of these packages into a folder; their dependencies are not followed. */
  download(packages: readonly string[], folder: string): Promise<readonly string[]>;
  /** Fetches the release tarball of a source package into a folder. */
  downloadTarball(sourcePackage: string, folder: string): Promise<string>;
  /** What the package depends on first: the real package behind a meta package. */
  firstDependency(packageName: string): Promise<string>;
  close(): Promise<void>;
}

/** Opens the archive: fetches its signed package lists into `folder`, which `close` removes. */
export async function openAptArchive(
  sources: readonly AptSource[],
  { folder, ...running }: Pick<ProgramOptions, 'cgroup' | 'signal'> & { readonly folder: string },
): Promise<AptArchive> {
  const apt = (program: string, ...words: string[]): readonly string[] => [
    program,
    ...privateFolders(folder),
    ...words,
  ];
  const options = {
    ...running,
    step: 'download',
    hint: whenOutOfReach(sources),
  };
  await removeTree(folder);
  await mkdir(path.join(folder, 'lists/partial'), { recursive: true });
  await mkdir(path.join(folder, 'cache/archives/partial'), { recursive: true });
  const list = sources.flatMap((line) => [`deb ${line}`, `deb-src ${line}`]).join('\n');
  await writeFile(path.join(folder, 'sources.list'), `${list}\n`);
  await runProgram(apt('apt-get', 'update'), options);
  return {
    async download(packages, into) {
      await mkdir(into, { recursive: true });
      await runProgram(apt('apt-get', 'download', ...packages), { ...options, cwd: into });
      return (await readdir(into)).map((file) => path.join(into, file));
    },
    async downloadTarball(sourcePackage, into) {
      await mkdir(into, { recursive: true });
      const words = ['source', '--download-only', '--tar-only', sourcePackage];
      await runProgram(apt('apt-get', ...words), { ...options, cwd: into });
      const tarball = (await readdir(into)).find((file) => file.includes('.orig.tar'));
      if (tarball !== undefined) return path.join(into, tarball);
      throw new EmbeddedLabError(`the archive has no release tarball of ${sourcePackage}`, options);
    },
    async firstDependency(packageName) {
      const show = apt('apt-cache', 'show', '--no-all-versions', packageName);
      const shown = await runProgram(show, options);
      const [, name] = /^Depends: ([a-z0-9.+-]+)/m.exec(shown) ?? [];
      if (name !== undefined) return name;
      throw new EmbeddedLabError(`the archive does not say what ${packageName} is`, options);
    },
    close: () => removeTree(folder),
  };
}

function privateFolders(folder: string): readonly string[] {
  return [
    `Dir::Etc::sourcelist=${folder}/sources.list`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    'Dir::State::status=/dev/null',
    'Acquire::Languages=none',
    // apt's download user may not be able to enter our folder.
    'APT::Sandbox::User=root',
  ].flatMap((setting) => ['-o', setting]);
}
