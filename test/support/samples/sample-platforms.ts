import { detectPlatform } from '../../../src/platforms/detect-platform.ts';
import { debianFacts, el7Facts } from './sample-facts.ts';

/** The platforms of the sample hosts. */
export const el7 = detectPlatform(el7Facts);
export const debian = detectPlatform(debianFacts);
