import { apt } from './apt.ts';
import { dnf } from './dnf.ts';
import { type PackageManager, type PackageManagerName } from './package-manager.ts';
import { yum } from './yum.ts';

/** All package managers, by their names: what a journal was written about is undone by the same one. */
export const packageManagers: Readonly<Record<PackageManagerName, PackageManager>> = {
  yum,
  dnf,
  apt,
};

export const packageManagerNames = Object.keys(packageManagers) as readonly PackageManagerName[];
