import { StepFailedError } from './errors.ts';
import { type Script, trusted } from './script.ts';

/** The error of something that ran on a host and failed, with its cause in words. */
export function stepFailure({
  host,
  step,
  exitCode,
  output,
}: {
  readonly host: string;
  readonly step: string;
  readonly exitCode: number;
  readonly output: string;
}): StepFailedError {
  const hint = reasonOf(output)?.hint ?? hintFor(output);
  return new StepFailedError(causeOf(output, exitCode), { host, step, exitCode, output, hint });
}

/** Why something failed, in a few words: one of the usual causes, or what it printed last. */
export function causeOf(output: string, exitCode: number): string {
  const lastLine = output.trim().split('\n').at(-1) ?? '';
  return reasonOf(output)?.message ?? `exit status ${exitCode}${lastLine && `: ${lastLine}`}`;
}

/**
 * Shell that tells which of a host's usual file systems are full, a line each: a program that runs out of space may die
 * without saying so.
 */
export const printFullDisks: Script = trusted(
  `df -Pk / /tmp /var /usr/local 2>/dev/null | awk 'NR > 1 && $4 < 512 && !seen[$6]++ { print "only " $4 " KiB are free on " $6 }'`,
);

function hintFor(output: string): string {
  return /dpkg --configure -a|--fix-broken install/.test(output)
    ? 'An installation that is not lvslab’s was cut off there: run what the message says on that host, then this again.'
    : 'Mend the cause and run the command again; it goes on where it stopped.';
}

interface Reason {
  readonly message: string;
  readonly hint: string;
}

function reasonOf(output: string): Reason | undefined {
  const full = DISK_FULL.map((sign) => lineWith(sign, output)).find((line) => line !== undefined);
  if (full !== undefined) {
    return {
      message: `the disk is full: ${full}`,
      hint: 'Free some space there and run the command again; it goes on where it stopped.',
    };
  }
  const readOnly = lineWith(/Read-only file system/i, output);
  if (readOnly !== undefined) {
    return {
      message: `the file system is read-only: ${readOnly}`,
      hint: 'Look for errors of the disk in the kernel log, mount it writable, and run the command again.',
    };
  }
  const source = PACKAGE_SOURCE.map((sign) => sign.exec(output)?.groups).find(
    (groups) => groups !== undefined,
  );
  if (source === undefined) return undefined;
  const { url = '', reason = '' } = source;
  return {
    message: `packages could not be fetched from ${url}: ${reason.trim()}`,
    hint: 'Mend the package source, or name another one, and run the command again.',
  };
}

/** What the C library, apt, rpm and yum say, and what `printFullDisks` found. */
const DISK_FULL: readonly RegExp[] = [
  /No space left on device/i,
  /don't have enough free space/i,
  /needs \S+ (more space )?on the \S+ filesystem|more space needed on the/i,
  /^only \d+ KiB are free on /m,
];

/** A line of apt; of dnf, which is the newer yum; of yum. */
const PACKAGE_SOURCE: readonly RegExp[] = [
  /^[EW]: Failed to fetch (?<url>\S+) +(?<reason>.+)$/m,
  /(?<reason>Curl error \(\d+\): .*?|Status code: \d+) for (?<url>\w+:\/\/\S+)/,
  /^(?<url>\w+:\/\/\S+): \[Errno -?\d+\] (?<reason>.+)$/m,
];

function lineWith(sign: RegExp, output: string): string | undefined {
  return output
    .split('\n')
    .findLast((line) => sign.test(line))
    ?.trim();
}
