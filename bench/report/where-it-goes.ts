import { type Measurement } from '../measure/result.ts';
import { find, middle, NOBODY, number, type Row, seconds, table } from './figures.ts';

/** Where the time of a plan with nothing to do goes: what its targets can't fall below without. */
export function renderWhereItGoes(all: readonly Measurement[]): string {
  const at = (by: string): Measurement | undefined =>
    find(all, { task: 'green plan', by, delayMs: 0 });
  const plan = at('lvslab');
  if (plan?.uses === undefined) return NOBODY;
  const total = Object.values(plan.uses).reduce((sum, ms) => sum + ms, 0);
  const uses = Object.entries(plan.uses)
    .sort(([, one], [, other]) => other - one)
    .map(([use, ms]): Row => [use, seconds(ms), `${number((100 * ms) / total)} %`]);
  const onHost = (one: Measurement | undefined): number =>
    middle(one, (run) => run.hostCpuMs?.['real server'] ?? NaN);
  const [own, lean, login] = [plan, at('OpenSSH, lean script'), at('OpenSSH, true')].map(onHost);
  const host = [
    ['the login, as `true` takes it', login],
    ['the question of the lean script', (lean ?? NaN) - (login ?? NaN)],
    ['what lvslab asks beyond', (own ?? NaN) - (lean ?? NaN)],
  ] as const;
  return [
    table([['of the controller’s main thread, under a profiler', 'time', 'share'], ...uses]),
    table([
      ['of a real server’s processors', 'time', 'share'],
      ...host.map(([what, ms]): Row => [
        what,
        seconds(ms ?? NaN),
        `${number((100 * (ms ?? NaN)) / (own ?? NaN))} %`,
      ]),
    ]),
  ].join('\n\n');
}
