import { apply } from '../../src/engine/apply/apply.ts';
import { trusted } from '../../src/engine/model/shell/script.ts';
import { survey } from '../../src/engine/apply/survey.ts';
import { openLocalConnection } from '../../src/transport/local-connection.ts';
import { testContext } from './engine-context.ts';
import { StepLab } from './lab/step-lab.ts';

/** Applies three steps below a folder, to be killed meanwhile: node … apply-child.ts FOLDER SHELL-OF-THE-SECOND-STEP */
const [folder = '', second = ''] = process.argv.slice(2);
const lab = new StepLab(folder);
const playbook = lab.playbook([
  lab.step('one'),
  lab.step('two', trusted(second)),
  lab.step('three'),
]);
const host = lab.host(() => Promise.resolve(openLocalConnection({ host: 'a' })));
const context = testContext();
const found = await survey([host], { playbook, orphans: 'adopt' }, context);
await apply({ survey: found, playbook }, {}, context);
