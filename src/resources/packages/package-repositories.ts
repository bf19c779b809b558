import { type Resource } from '../../engine/model/resource.ts';
import { type Facts } from '../../platforms/facts/facts.ts';
import { type Platform } from '../../platforms/platform.ts';
import { yumRepository } from './yum-repository.ts';

/**
 * The sources of packages that a host needs beside its own; none where its own work.
 * @throws MissingOnHostError when the host doesn't tell what is needed to find its packages.
 */
export function packageRepositories(
  { platform, facts }: { readonly platform: Pick<Platform, 'repositories'>; readonly facts: Facts },
  settings: { readonly vaultUrl: string },
): readonly Resource[] {
  return platform.repositories
    .missing(facts, settings)
    .map(({ vaultUrl, ...release }) => yumRepository(release, vaultUrl));
}
