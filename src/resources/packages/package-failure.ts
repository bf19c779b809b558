import { diskFull, lineWith } from '../../engine/host/step-failure.ts';
import { type FailureReason } from '../../engine/model/failures/failure-reason.ts';

/** What apt, dpkg, rpm, yum and dnf say when they fail, in words; undefined for anything else. */
export function explainFailure(output: string): FailureReason | undefined {
  const full = DISK_FULL.map((sign) => lineWith(sign, output)).find((line) => line !== undefined);
  if (full !== undefined) return diskFull(full);
  const source = output
    .split('\n')
    .map(sourceIn)
    .find((found) => found !== undefined);
  if (source !== undefined) {
    return {
      message: `packages could not be fetched from ${source.url}: ${source.reason.trim()}`,
      hint: 'Correct the package source, or name another one, and run the command again.',
    };
  }
  const lacking = LACKING.map((sign) => sign.exec(output)?.groups?.['what']).find(
    (what) => what !== undefined,
  );
  if (lacking !== undefined) {
    return {
      message: `the host's package sources have nothing to give: ${lacking.trim()}`,
      hint: 'Look at what `dnf repolist` says on that host: RHEL has to be registered with `subscription-manager register`, and the mirrors of a release that has reached its end are gone.',
    };
  }
  if (!/dpkg --configure -a|--fix-broken install/.test(output)) return undefined;
  return {
    hint: 'An installation that is not lvslab’s was cut off there: run what the message says on that host, then this again.',
  };
}

/** A line of apt, of rpm, of yum. */
const DISK_FULL: readonly RegExp[] = [
  /don't have enough free space/i,
  /needs \S+ (more space )?on the \S+ filesystem|more space needed on the/i,
];

/** What dnf says where no source is switched on, none answers for the release, or none has the package. */
const LACKING: readonly RegExp[] = [
  /(?<what>There are no enabled repositor[^\n]{0,200})/,
  /(?<what>No URLs in mirrorlist)/,
  /(?<what>Unable to find a match: [^\n]{0,200})/,
];

/** A line of apt; of dnf, which is the newer yum; of yum. */
const PACKAGE_SOURCE: readonly RegExp[] = [
  /^[EW]: Failed to fetch (?<url>\S+) +(?<reason>.+)$/,
  /(?<reason>Curl error \(\d+\): [^\n]{0,200}?|Status code: \d+) for (?<url>\w{1,10}:\/\/\S+)/,
  /^(?<url>\w+:\/\/\S+): \[Errno -?\d+\] (?<reason>.+)$/,
];

function sourceIn(line: string): { readonly url: string; readonly reason: string } | undefined {
  const groups = PACKAGE_SOURCE.map((sign) => sign.exec(line)?.groups).find(
    (found) => found !== undefined,
  );
  if (groups === undefined) return undefined;
  const { url = '', reason = '' } = groups;
  return { url, reason };
}
