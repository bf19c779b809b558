import { StepFailedError } from './errors.ts';

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
  return new StepFailedError(causeOf(output, exitCode), {
    host,
    step,
    exitCode,
    output,
    hint: hintFor(output),
  });
}

/** Why something failed, in a few words: what it printed last, unless that is one of the usual causes. */
export function causeOf(output: string, exitCode: number): string {
  if (/No space left on device/i.test(output)) return 'the disk is full (No space left on device)';
  if (/Read-only file system/i.test(output)) return 'the file system is read-only';
  const lastLine = output.trim().split('\n').at(-1) ?? '';
  return `exit status ${exitCode}${lastLine === '' ? '' : `: ${lastLine}`}`;
}

function hintFor(output: string): string {
  if (/dpkg --configure -a|--fix-broken install/.test(output)) {
    return 'An installation that is not lvslab’s was cut off there: run what the message says on that host, then this again.';
  }
  return /No space left on device/i.test(output)
    ? 'Free some space there and run the command again; it goes on where it stopped.'
    : 'Mend the cause and run the command again; it goes on where it stopped.';
}
