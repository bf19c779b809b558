/**
 * Brings a lab up as a process of its own, and kills itself at the transition that is named:
 * `lab-child.ts NAME [TRANSITION]`. Prints each transition.
 */
import { bringUp } from '../../../src/embedded/bring-up.ts';
import { labNamed } from '../../../src/embedded/embedded-lab.ts';

const [name = '', fatal] = process.argv.slice(2);

await bringUp({
  ...labNamed(name),
  flavour: 'debian',
  accelerator: 'auto',
  report: () => undefined,
  onTransition: (transition) => {
    process.stdout.write(`${transition}\n`);
    if (transition === fatal) process.kill(process.pid, 'SIGKILL');
  },
});
