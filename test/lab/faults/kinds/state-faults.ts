import { applyAndActInBuild } from '../course/moments.ts';
import { onBoth, onDebian, type Scenario } from '../course/scenario.ts';
import { expectExitCode, type Site } from '../hosts/site.ts';
import { errorsOf } from '../course/watched-run.ts';

export const bitFlipped: Scenario = {
  fault: 'a bit of a configuration file has flipped',
  injected: 'one bit of the file is turned over on a host that was applied',
  answer:
    'plan shows the difference, apply mends it; a teardown keeps what it did not write, and says so',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () =>
    [
      { file: '/usr/local/nginx/conf/nginx.conf', fast: true as const },
      { file: '/usr/local/nginx/html/index.html' },
      { file: '/etc/systemd/system/nginx.service' },
      { file: '/usr/local/nginx/sbin/nginx' },
    ].map(({ file, ...rest }) => ({
      ...rest,
      moment: file,
      run: async (site: Site) => {
        await site.begin('applied');
        await flipBit(site, file);
        const plan = await site.plan();
        expectExitCode(plan, 2);
        await site.expectRecovery('applied');
      },
    })),
};

export const rulesFlipped: Scenario = {
  fault: 'a bit of the saved IPVS rules has flipped',
  injected: 'one bit of the file is turned over on a director that was applied',
  answer: 'plan shows the difference, apply mends it; the live table is not touched',
  flavours: onDebian,
  place: 'director',
  isInFastSubset: false,
  cases: () => [
    {
      moment: 'between two runs',
      run: async (site) => {
        await site.begin('applied');
        await flipBit(site, '/etc/ipvsadm.rules');
        expectExitCode(await site.plan(), 2);
        await site.expectRecovery('applied');
      },
    },
  ],
};

/** Turns over one bit in the middle of the file; of a copy that takes its place, for a program that runs can't be written. */
async function flipBit(site: Site, file: string): Promise<void> {
  await site.host.run(`set -e
cp -p ${file} ${file}.flipped
at=$(( $(stat -c %s ${file}) / 2 ))
byte=$(od -An -tu1 -j $at -N 1 ${file} | tr -d ' ')
printf "\\\\$(printf %03o $(( byte ^ 1 )))" | dd of=${file}.flipped bs=1 seek=$at conv=notrunc status=none
mv ${file}.flipped ${file}`);
}

export const secondController: Scenario = {
  fault: 'a second lvslab at the same time',
  injected: 'another apply is started while one compiles',
  answer:
    'the second stops at once and says who changes the host, from where and since when; the first goes on',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    {
      moment: 'while nginx is compiled',
      fast: true,
      run: async (site) => {
        await site.begin('fresh');
        const first = await applyAndActInBuild(site, async () => {
          const second = await site.apply();
          expectExitCode(second, 1);
          const told = `${second.stderr}${JSON.stringify(errorsOf(second))}`;
          if (!['E_LOCKED', site.host.name, 'since 20'].every((part) => told.includes(part))) {
            throw new Error(`the second one said: ${told}`);
          }
        });
        expectExitCode(first, 0);
        await site.expectRecovery('applied');
      },
    },
  ],
};
