import { meetingTests } from '../support/evil/evil-suite.ts';
import { behaviours } from '../support/evil/evil-table.ts';

const only = new RegExp(process.env['EVIL_ONLY'] ?? '');

meetingTests(
  'every command, beside every evil host',
  behaviours
    .filter(({ name }) => only.test(name))
    .flatMap((behaviour) => behaviour.against.map((command) => ({ command, behaviour }))),
);
