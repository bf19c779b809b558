import { connectionCut, sessionKilled, stalled } from './connection-faults.ts';
import { controllerKilled, killedOnDirector } from './controller-killed.ts';
import { diskFull, partitionFull, readOnly } from './disk-faults.ts';
import { hostKeyChanged, noSudo, noTerminal, wrongSudoPassword } from './login-faults.ts';
import { packageSource } from './package-faults.ts';
import { clockOff, directorPowerCut, powerCut } from './power-faults.ts';
import { type Scenario } from './scenario.ts';
import { bitFlipped, rulesFlipped, secondController } from './state-faults.ts';
import { tarballDamaged } from './tarball-faults.ts';

/** The table of faults; docs/faults.md shows it. */
export const scenarios: readonly Scenario[] = [
  controllerKilled,
  killedOnDirector,
  directorPowerCut,
  rulesFlipped,
  clockOff,
  connectionCut,
  sessionKilled,
  powerCut,
  diskFull,
  partitionFull,
  readOnly,
  packageSource,
  tarballDamaged,
  wrongSudoPassword,
  noTerminal,
  noSudo,
  hostKeyChanged,
  bitFlipped,
  secondController,
  // It keeps both real servers waiting for minutes: by then, the next lab comes up.
  stalled,
];

/** Faults that other tests of the lab bring about. */
interface TriedElsewhere extends Pick<Scenario, 'answer' | 'fault' | 'injected'> {
  readonly test: string;
}

export const triedElsewhere: readonly TriedElsewhere[] = [
  {
    fault: 'the wrong gateway, netmask or device; an address that another machine has',
    injected: 'random wrong settings in the inventory, and a second machine with the address',
    answer:
      'the host goes back by itself to what it had, or nothing is changed there, and the error says what was tried',
    test: 'test/lab/flavours/network-safety.ts',
  },
];
