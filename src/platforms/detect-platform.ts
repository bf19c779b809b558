import { UnsupportedPlatformError } from '../engine/model/errors.ts';
import { debian } from './debian.ts';
import { el7 } from './el7.ts';
import { type Facts } from './facts.ts';
import { type Platform } from './platform.ts';

/** All operating systems that lvslab can provision. */
const platforms: readonly Platform[] = [el7, debian];

/**
 * Finds out which platform a host is.
 * @throws UnsupportedPlatformError naming what was found and what is supported.
 */
export function detectPlatform(facts: Facts): Platform {
  const platform = platforms.find(({ matches }) => matches(facts));
  const supported = platforms.map(({ title }) => title).join(', ');
  if (platform === undefined) {
    throw new UnsupportedPlatformError(
      `this is ${facts.osName} (ID=${facts.osId} VERSION_ID=${facts.osVersion}), which lvslab can't provision`,
      { step: 'facts', hint: `Use a host with one of: ${supported}.` },
    );
  }
  if (!facts.systemd) {
    throw new UnsupportedPlatformError(`this ${facts.osName} does not run systemd`, {
      step: 'facts',
      hint: `Boot it with systemd as its init.`,
    });
  }
  return platform;
}
