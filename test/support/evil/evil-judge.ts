import { type Encounter, SECRETS } from './evil-run.ts';
import { type Behaviour, type Command } from './evil-behaviour.ts';

/** Where lvslab has no limit of its own to wait for, on a machine that is busy with other tests. */
const PROMPT_MS = 120_000;
const PEAK_MB = 300;

/** What the honest host must have been told of, whatever the other one does. */
const HONEST: Readonly<Partial<Record<Command, RegExp>>> = {
  plan: /^ {2}.*rs1[^]*\+ file \/usr\/local\/lvslab-test\/page/m,
  apply: /^rs1 +2 +proved/m,
  teardown: /^rs1 +2 +proved/m,
  unlock: /^.*rs1: not locked$/m,
  doctor: /^rs1: login.* ok /m,
};

/** All that must be so whenever lvslab has met an evil host; the list of what is not. */
export function complaints(
  command: Command,
  { isSlow, isHarmless, stopsAll, key }: Behaviour,
  { exitCode, output, milliseconds, peakMb, left, heard }: Encounter,
): readonly string[] {
  const statuses = isHarmless === true ? [0, 1, 2, 3] : [1];
  const reasons: readonly (readonly [boolean, string])[] = [
    [isSlow !== true && milliseconds > PROMPT_MS, `took ${Math.round(milliseconds / 1000)} s`],
    [exitCode === null, 'did not end by itself'],
    [command !== 'init' && !statuses.includes(exitCode ?? 1), `exit status ${exitCode ?? 'none'}`],
    [exitCode === 1 && !IS_TOLD.test(output), 'no error names the host'],
    [!honestIsTold(command, stopsAll === true, output), 'the honest host is not told of'],
    [output.includes('mistake in lvslab itself'), 'calls it a mistake of its own'],
    [/^\s+at .*:\d+:\d+\)?$/m.test(output), 'shows a stack'],
    [/NaN|Infinity|undefined|\[object /.test(output), 'shows what is no text'],
    [hasControls(command, output), 'sends control characters to the screen'],
    [hasSecret(output), 'shows a password'],
    [key !== undefined && hasSecret(heard), 'sends a password to whoever has another key'],
    [peakMb > PEAK_MB, `needs ${Math.round(peakMb)} MB`],
    [left.length > 0, `leaves ${left.join(', ')}`],
  ];
  return reasons.flatMap(([isSo, reason]) => (isSo ? [reason] : []));
}

/** A drill speaks of the director, of which there is one, by what only it can tell. */
const IS_TOLD = /evil1.*(\[E_|failed)|IPVS's counters could not be read/i;

function honestIsTold(command: Command, stopsAll: boolean, output: string): boolean {
  if (stopsAll && (command === 'apply' || command === 'teardown')) return true;
  return HONEST[command]?.test(output) ?? true;
}

function hasSecret(text: string): boolean {
  return Object.values(SECRETS).some((secret) => text.includes(secret));
}

/** The wizard paints its own questions: only what a host says must not be among what the terminal is sent. */
function hasControls(command: Command, output: string): boolean {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const any = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
  return command === 'init' ? output.includes('\u001B]0;owned') : any.test(output);
}
