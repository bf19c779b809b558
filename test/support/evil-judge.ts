import { type Encounter, SECRETS } from './evil-run.ts';
import { type Behaviour, type Command } from './evil-table.ts';

/** Where lvslab has no limit of its own to wait for, on a machine that is busy with other tests. */
const PROMPT_MS = 120_000;
const PEAK_MB = 300;

/** What the honest host must have been told of, whatever the other one does. */
const HONEST: Readonly<Partial<Record<Command, RegExp>>> = {
  plan: /^ {2}.*rs1[^]*\+ file \/usr\/local\/lvslab-test\/page/m,
  apply: /^rs1 +2 +proved/m,
  teardown: /^rs1 +2 +proved/m,
  unlock: /^.*rs1: not locked$/m,
  doctor: /^rs1: login and root +ok/m,
};

/** All that must be so whenever lvslab has met an evil host; the list of what is not. */
export function complaints(
  command: Command,
  { isSlow, isHarmless, stopsAll, key }: Behaviour,
  { exitCode, output, milliseconds, peakMb, left, heard }: Encounter,
): readonly string[] {
  const isChanging = command === 'apply' || command === 'teardown';
  const honest = stopsAll === true && isChanging ? undefined : HONEST[command];
  const statuses = isHarmless === true ? [0, 1, 2, 3] : [1];
  const isTold = /evil1.*(\[E_|failed)|problem.*evil1/i.test(output);
  return [
    isSlow !== true && milliseconds > PROMPT_MS && `took ${Math.round(milliseconds / 1000)} s`,
    exitCode === null && 'did not end by itself',
    exitCode !== null &&
      command !== 'init' &&
      !statuses.includes(exitCode) &&
      `exit status ${exitCode}`,
    exitCode === 1 && !isTold && 'no error names the host',
    honest !== undefined && !honest.test(output) && 'the honest host is not told of',
    output.includes('mistake in lvslab itself') && 'calls it a mistake of its own',
    /^\s+at .*:\d+:\d+\)?$/m.test(output) && 'shows a stack',
    /NaN|Infinity|undefined|\[object /.test(output) && 'shows what is no text',
    hasControls(command, output) && 'sends control characters to the screen',
    Object.values(SECRETS).some((secret) => output.includes(secret)) && 'shows a password',
    key !== undefined &&
      Object.values(SECRETS).some((secret) => heard.includes(secret)) &&
      'sends a password to whoever has another key',
    peakMb > PEAK_MB && `needs ${Math.round(peakMb)} MB`,
    left.length > 0 && `leaves ${left.join(', ')}`,
  ].filter((complaint) => complaint !== false);
}

/** The wizard paints its own questions: only what a host says must not be among what the terminal is sent. */
function hasControls(command: Command, output: string): boolean {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const any = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
  return command === 'init' ? output.includes('\u001B]0;owned') : any.test(output);
}
