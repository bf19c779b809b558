import { networkFile } from './network-file.ts';
import { onBoth, type Scenario } from '../course/scenario.ts';
import { expectExitCode } from '../hosts/site.ts';

const JOURNAL = '/var/lib/lvslab/journal';

export const tornWrite: Scenario = {
  fault: 'a write of the journal, or of a network file, was torn',
  injected:
    "on a host that was applied, the end of the file is cut off: half of the journal's last line, half of the line before it as well; half of the NIC's file",
  answer:
    'a damaged line of the journal loses nothing but itself, and all is undone that the others tell of; half a network file is a difference that plan shows and apply mends, before a boot reads it',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    {
      moment: "half of the journal's last line",
      fast: true,
      run: async (site) => {
        await site.begin('applied');
        await site.host.run(
          `size=$(tail -n 1 ${JOURNAL} | wc -c); truncate -s -$((size / 2)) ${JOURNAL}`,
        );
        await site.expectRecovery('applied');
        await site.expectRecovery('fresh');
      },
    },
    {
      moment: "the journal's last line and a half, before a teardown",
      run: async (site) => {
        await site.begin('applied');
        await site.host.run(
          `size=$(tail -n 2 ${JOURNAL} | wc -c); truncate -s -$((size * 2 / 3)) ${JOURNAL}`,
        );
        await site.expectRecovery('fresh');
      },
    },
    {
      moment: "half of the NIC's file",
      run: async (site) => {
        await site.begin('applied');
        const file = networkFile(site);
        await site.host.run(`truncate -s $(($(stat -c %s ${file}) / 2)) ${file}`);
        expectExitCode(await site.plan(), 2);
        expectExitCode(await site.apply(), 0);
        expectExitCode(await site.plan(), 0);
        await site.host.powerCut();
        await site.host.start();
        expectExitCode(await site.plan(), 0);
        site.forget();
      },
    },
  ],
};
