import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { complaints } from '../../support/evil/evil-judge.ts';
import { EvilRange } from '../../support/evil/evil-run.ts';
import { meetingTests } from '../../support/evil/evil-suite.ts';
import { type Behaviour, type Command } from '../../support/evil/evil-behaviour.ts';
import { behaviours } from '../../support/evil/evil-table.ts';
import { lvslab } from '../../support/lvslab.ts';

meetingTests(
  'some commands, beside some evil hosts',
  behaviours
    .filter(({ isQuick }) => isQuick)
    .flatMap((behaviour) =>
      behaviour.against.slice(0, 2).map((command) => ({ command, behaviour })),
    ),
);

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('Ctrl-C beside an evil host', () => {
  let range: EvilRange;

  beforeAll(async () => {
    await lvslab('--version');
    range = await EvilRange.open();
  }, 300_000);

  afterAll(async () => {
    await range.close();
  });

  test.each<readonly [Command, string]>([
    ['plan', 'accepts the connection and says nothing'],
    ['plan', 'never answers the wish to run a program'],
    ['plan', 'begins the shell, and says nothing more'],
    ['verify', 'never answers the wish to run a program'],
    ['unlock', 'begins the shell, and says nothing more'],
    ['doctor', 'begins the shell, and says nothing more'],
    ['export', 'begins the shell, and says nothing more'],
    ['plan', 'says one byte a second, for ever'],
    ['teardown', 'says nothing when its state is read'],
    ['apply', 'says nothing when it is to be locked'],
  ])(
    'ends %s: a host that %s',
    async (command, name) => {
      const encounter = await range.interrupt(command, behaviourNamed(name));
      const { exitCode, milliseconds, output } = encounter;
      expect({ exitCode, output }).toEqual({ exitCode: 130, output });
      // Two seconds on an idle machine.
      expect(milliseconds).toBeLessThan(15_000);
      // No step has begun: there is none to be finished.
      expect(output).not.toContain('are finished first');
      expect(complaints(command, behaviourNamed(name), { ...encounter, exitCode: 1 })).toEqual(
        expect.not.arrayContaining(['calls it a mistake of its own', 'shows a stack']),
      );
    },
    120_000,
  );
});

function behaviourNamed(wanted: string): Behaviour {
  const found = behaviours.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`there is no host that ${wanted}`);
  return found;
}
