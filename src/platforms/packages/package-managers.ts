import { apt } from './apt.ts';
import { yum } from './yum.ts';

/** All package managers, by the names that journals on hosts have for them. */
export const packageManagers = { yum, apt } as const;

export type PackageManagerName = keyof typeof packageManagers;
