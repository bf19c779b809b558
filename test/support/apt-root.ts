import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Stage } from './run-resource.ts';

/** A package that holds nothing but its name. */
export interface EmptyPackage {
  readonly name: string;
  readonly version?: string;
  readonly depends?: string;
}

/** The real apt and dpkg on packages and a package database of the test's own. */
export class AptRoot {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'lvslab-apt-'));
  readonly #environment = { APT_CONFIG: this.at('apt.conf'), DPKG_ROOT: this.root };

  constructor(packages: readonly EmptyPackage[]) {
    const folders = ['repository', 'etc/apt/preferences.d', 'var/lib/dpkg/info', 'var/log/apt'];
    const states = [
      'var/lib/dpkg/updates',
      'var/lib/apt/lists/partial',
      'var/cache/apt/archives/partial',
    ];
    for (const name of [...folders, ...states]) mkdirSync(this.at(name), { recursive: true });
    for (const name of ['status', 'available']) writeFileSync(this.at(`var/lib/dpkg/${name}`), '');
    writeFileSync(
      this.at('apt.conf'),
      `Dir "${this.root}"; Dir::State::status "${this.at('var/lib/dpkg/status')}";
DPkg::Options { "--root=${this.root}"; }; APT::Sandbox::User "root"; Dir::Log "var/log/apt";\n`,
    );
    writeFileSync(
      this.at('etc/apt/sources.list'),
      `deb [trusted=yes] file:${this.at('repository')} ./\n`,
    );
    this.offer(packages);
  }

  at(name: string): string {
    return path.join(this.root, name);
  }

  /** How a resource's scripts reach these tools. */
  get stage(): Stage {
    const words = Object.entries(this.#environment).map(([name, text]) => `${name}=${text}`);
    return {
      inside: ['env', ...words],
      paths: { '/var/lib/apt/extended_states': this.at('var/lib/apt/extended_states') },
    };
  }

  /** Makes these the packages of the archive. */
  offer(packages: readonly EmptyPackage[]): void {
    const index = packages.map((described) => this.#build(described));
    writeFileSync(this.at('repository/Packages'), index.join('\n'));
    this.run('apt-get', 'update');
  }

  /** @returns what it printed. */
  run(program: string, ...args: readonly string[]): string {
    return execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#environment, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
  }

  /** Names of what is installed, in alphabetical order. */
  installed(): readonly string[] {
    return this.run('dpkg-query', '-W', '-f', '${db:Status-Status} ${Package}\n')
      .split('\n')
      .flatMap((line) => /^installed (.*)$/.exec(line)?.[1] ?? []);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** @returns its entry in the archive's index. */
  #build({ name, version = '1', depends }: EmptyPackage): string {
    const folder = this.at(`build/${name}_${version}`);
    mkdirSync(path.join(folder, 'DEBIAN'), { recursive: true });
    const control = [
      `Package: ${name}`,
      `Version: ${version}`,
      'Architecture: all',
      'Maintainer: nobody <nobody@localhost>',
      ...(depends === undefined ? [] : [`Depends: ${depends}`]),
      'Description: a package for a test\n',
    ].join('\n');
    writeFileSync(path.join(folder, 'DEBIAN/control'), control);
    const file = `${name}_${version}.deb`;
    execFileSync('dpkg-deb', ['--build', folder, this.at(`repository/${file}`)], { stdio: 'pipe' });
    const deb = readFileSync(this.at(`repository/${file}`));
    const { size } = statSync(this.at(`repository/${file}`));
    const sum = createHash('sha256').update(deb).digest('hex');
    return `${control}Filename: ./${file}\nSize: ${size}\nSHA256: ${sum}\n`;
  }
}
