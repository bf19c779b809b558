// Installs the programs that the embedded lab runs and that this machine lacks, as `lvslab lab up` would; for its tests.
import { installTools, missingTools } from '../dist/embedded/machine/system-packages.js';

const missing = missingTools();
if (missing.length > 0) {
  console.error(`lvslab: installing ${missing.map((tool) => tool.package).join(', ')}`);
  await installTools(missing, {});
}
