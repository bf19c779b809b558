import { StepFailedError } from '../model/failures/errors.ts';
import { type ExplainFailure, type FailureReason } from '../model/failures/failure-reason.ts';
import { quote, type Script, sh } from '../model/shell/script.ts';

/** The error of something that ran on a host and failed, with its cause in words. */
export function stepFailure({
  host,
  step,
  exitCode,
  output,
  explain,
}: {
  readonly host: string;
  readonly step: string;
  readonly exitCode: number;
  readonly output: string;
  readonly explain?: ExplainFailure | undefined;
}): StepFailedError {
  const hint = reasonOf(output, explain)?.hint ?? USUAL_HINT;
  return new StepFailedError(causeOf(output, exitCode, explain), {
    host,
    step,
    exitCode,
    output,
    hint,
  });
}

/** Why something failed, in a few words: one of the usual causes, or what it printed last. */
export function causeOf(
  output: string,
  exitCode: number,
  explain: ExplainFailure | undefined,
): string {
  const lastLine = output.trim().split('\n').at(-1) ?? '';
  const usual = `exit status ${exitCode}${lastLine && `: ${lastLine}`}`;
  return reasonOf(output, explain)?.message ?? usual;
}

/** The reason of a disk that takes no more, by the line that says so. */
export function diskFull(line: string): FailureReason {
  return {
    message: `the disk is full: ${line}`,
    hint: 'Free some space there and run the command again; it goes on where it stopped.',
  };
}

/** The last line that has the sign; undefined where none has. */
export function lineWith(sign: RegExp, output: string): string | undefined {
  return output
    .split('\n')
    .findLast((line) => sign.test(line))
    ?.trim();
}

/**
 * Shell that tells which of a host's usual file systems are full, a line each: a program that runs out of space may die
 * without saying so.
 */
export const printFullDisks: Script = sh`df -Pk / /tmp /var /usr/local 2>/dev/null |
  awk 'NR > 1 && $4 < 512 && !seen[$6]++ { print "only " $4 " KiB are free on " $6 }'`;

/**
 * Shell that tells, a line each, which of the files that the end of a step's output (the file `log`) names, and which of their
 * folders, not even root may change (chattr): "Operation not permitted" says no more than that.
 */
export const printImmutable: Script = sh`
  tail -n 20 log |
    grep -oE "'/[^']*'|\"/[^\"]*\"|/[^]'\": ,;)]*" |
    sed -e "s/^['\"]//" -e "s/['\"]\$//" |
    awk '{ print; if (sub("/[^/]*$", "") && $0 != "") print }' |
    sort -u |
    head -n 40 |
    while IFS= read -r lvslab_path; do lsattr -d -- "$lvslab_path"; done 2>/dev/null |
    sed -n \
      -e 's|^[^ ]*i[^ ]* *\(/.*\)|marked as immutable (i): \1|p' \
      -e 's|^[^ ]*a[^ ]* *\(/.*\)|marked as append-only (a): \1|p'
`;

const USUAL_HINT = 'Fix the cause and run the command again; it goes on where it stopped.';

function reasonOf(output: string, explain: ExplainFailure | undefined): FailureReason | undefined {
  return systemReason(output) ?? explain?.(output);
}

/** What `printImmutable` found. */
function markedFile(output: string): FailureReason | undefined {
  const match = /^marked as (immutable|append-only) \(([ai])\): (\/.*)$/m.exec(output);
  if (match === null) return undefined;
  const [, mark = '', letter = '', path = ''] = match;
  const refused = lineWith(/not permitted|denied|cannot|can't|failed/i, output);
  return {
    message: `${path} is marked as ${mark}${refused === undefined ? '' : `: ${refused}`}`,
    hint: `See that on the host with \`lsattr -d ${quote(path)}\`; if it may be changed, run \`chattr -${letter} ${quote(path)}\` there, then run the command again.`,
  };
}

/** What the C library says in any program, and what `printFullDisks` found. */
function systemReason(output: string): FailureReason | undefined {
  const signs = [/No space left on device/i, /^only \d+ KiB are free on /];
  const full = signs.map((sign) => lineWith(sign, output)).find((line) => line !== undefined);
  if (full !== undefined) return diskFull(full);
  const marked = markedFile(output);
  if (marked !== undefined) return marked;
  const readOnly = lineWith(/Read-only file system/i, output);
  if (readOnly === undefined) return undefined;
  return {
    message: `the file system is read-only: ${readOnly}`,
    hint: 'Look for errors of the disk in the kernel log, mount it writable, and run the command again.',
  };
}
