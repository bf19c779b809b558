/** The task of all measurements of the embedded lab. */
export const EMBEDDED = 'embedded lab';

/** What is measured of it, as it is called in the results and on the page. */
export const embeddedRuns = {
  image: 'image of Debian, its packages at hand',
  boot: '`lab up`, the image at hand',
  containers: '`lab up`, the director in a container',
  firstDemo: '`demo --down`, only the packages at hand',
  nextDemo: '`demo --down`, once more',
} as const;
