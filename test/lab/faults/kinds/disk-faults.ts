import { type SavedState } from '../hosts/fault-host.ts';
import { applyAndActInBuild } from '../course/moments.ts';
import { type Case, onBoth, onDebian, type Scenario } from '../course/scenario.ts';
import { type Site, statesOf } from '../hosts/site.ts';
import { type WatchedRun } from '../course/watched-run.ts';

/** A container's disk in these cases, MiB: enough for everything, and soon filled. */
const DISK_MIB = 400;

const FULL = /disk is full.*No space left on device/s;

/** Fills the file system of a folder up to the last block and proves that nothing goes in any more. */
async function fill(site: Site, folder: string, { leaveKiB = 0 } = {}): Promise<void> {
  const said = await site.host.inside(`cd ${folder}
free=$(df -Pk . | awk 'NR == 2 { print $4 }')
fallocate -l $(( (free - ${leaveKiB}) * 1024 )) filler
[ ${leaveKiB} -gt 0 ] || { cat /dev/zero >>filler; } 2>&1 || :
[ ${leaveKiB} -gt 0 ] || { echo more >filler2; } 2>&1 || :; rm -f filler2`);
  if (leaveKiB === 0 && !said.includes('No space left on device')) {
    throw new Error(`${folder} is not full: ${said}`);
  }
}

async function empty(site: Site, folder: string): Promise<void> {
  await site.host.inside(`rm -f ${folder}/filler`);
}

/** Gives a folder a file system of its own, in memory. */
async function mountSmall(site: Site, folder: string, sizeKiB: number): Promise<void> {
  await site.host.inside(`set -e
mkdir -p /mnt/small; mount -t tmpfs -o mode=$(stat -c %a ${folder}),size=$(( ${sizeKiB} + $(du -sk ${folder} | cut -f1) ))k tmpfs /mnt/small
cp -a ${folder}/. /mnt/small/; mount --bind /mnt/small ${folder}; umount /mnt/small; rmdir /mnt/small`);
}

export const diskFull: Scenario = {
  fault: 'the disk is full',
  injected:
    '/ lies on a small file system that is filled to the last block; a write is seen to fail',
  answer: 'says that the disk is full, where, and in which step; nothing is half written',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    {
      moment: '/ full before the run',
      fast: true,
      run: async (site) => {
        await site.begin('fresh', { diskMiB: DISK_MIB });
        await fill(site, '/');
        const run = await site.apply();
        site.expectFailure(run, { code: 'E_STEP_FAILED', says: FULL, step: /journal/ });
        await recover(site, 'applied');
      },
    },
    {
      moment: '/ too full for anything but the journal',
      run: async (site) => {
        await site.begin('fresh', { diskMiB: DISK_MIB });
        await fill(site, '/', { leaveKiB: 400 });
        const run = await site.apply();
        site.expectFailure(run, { code: 'E_STEP_FAILED', says: /disk is full/ });
        await recover(site, 'applied');
      },
    },
    {
      moment: '/ too full for the packages',
      run: async (site) => {
        await site.begin('fresh', { diskMiB: DISK_MIB });
        await fill(site, '/', { leaveKiB: 1500 });
        const run = await site.apply();
        site.expectFailure(run, { code: 'E_STEP_FAILED', says: /disk is full/, step: /packages/ });
        await recover(site, 'applied');
      },
    },
    {
      moment: '/ too full for a build',
      run: async (site) => {
        await site.begin('fresh', { diskMiB: DISK_MIB });
        await fill(site, '/', { leaveKiB: 100 * 1024 });
        const run = await site.apply();
        site.expectFailure(run, {
          code: 'E_STEP_FAILED',
          says: /disk is full.*needs 150 MiB in \/usr\/local\/src/s,
          step: /nginx from source/,
        });
        await recover(site, 'applied');
      },
    },
    {
      moment: '/ fills up while nginx is compiled',
      run: async (site) => {
        await site.begin('fresh', { diskMiB: DISK_MIB });
        const run = await applyAndActInBuild(site, () => fill(site, '/'));
        site.expectFailure(run, { code: 'E_STEP_FAILED', says: FULL, step: /nginx from source/ });
        await recover(site, 'applied');
      },
    },
    {
      moment: '/ full before a teardown',
      run: async (site) => {
        await site.begin('applied', { diskMiB: DISK_MIB });
        await fill(site, '/');
        const run = await site.teardown();
        // rpm can't even open its database for reading then.
        site.expectFailure(run, {
          code: 'E_(STEP_FAILED|OBSERVE)',
          says: /disk is full|only \d+ KiB are free on \//,
        });
        await recover(site, 'fresh');
      },
    },
  ],
};

async function recover(site: Site, to: 'applied' | 'fresh'): Promise<void> {
  await site.expectWholeFiles();
  await empty(site, '/');
  await site.expectRecovery(to);
}

export const partitionFull: Scenario = {
  fault: '/tmp or /var is full',
  injected: 'a file system of its own is mounted there and filled; a write is seen to fail',
  answer: 'says that the disk is full, and where',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    {
      moment: '/tmp full, which hinders no upload',
      fast: true,
      run: async (site) => {
        await site.begin('fresh');
        await mountSmall(site, '/tmp', 64);
        await fill(site, '/tmp', { leaveKiB: 20 });
        site.expectSuccess(await site.apply());
        await site.expectWholeFiles();
        await site.host.inside('umount /tmp');
        await site.expectRecovery('applied');
      },
    },
    {
      moment: '/tmp without one free block',
      run: async (site) => {
        await site.begin('fresh');
        await mountSmall(site, '/tmp', 64);
        await fill(site, '/tmp');
        const run = await site.apply();
        site.expectFailure(run, {
          code: 'E_STEP_FAILED',
          says: /disk is full.*\/tmp/s,
          step: /nginx/,
        });
        await site.host.inside('umount /tmp');
        await site.expectRecovery('applied');
      },
    },
    {
      moment: '/var full before the run',
      run: async (site) => {
        await site.begin('fresh');
        await mountSmall(site, '/var', 200 * 1024);
        await fill(site, '/var');
        const run = await site.apply();
        site.expectFailure(run, { code: 'E_STEP_FAILED', says: FULL, step: /journal/ });
        await site.expectWholeFiles();
        await empty(site, '/var');
        await site.expectRecovery('applied');
        site.forget();
      },
    },
    {
      moment: '/var too full for the packages',
      run: async (site) => {
        await site.begin('fresh');
        await mountSmall(site, '/var', 200 * 1024);
        await fill(site, '/var', { leaveKiB: 60 });
        const run = await site.apply();
        site.expectFailure(run, { code: 'E_STEP_FAILED', says: /disk is full/, step: /packages/ });
        await site.expectWholeFiles();
        await empty(site, '/var');
        await site.expectRecovery('applied');
        site.forget();
      },
    },
  ],
};

export const readOnly: Scenario = {
  fault: 'the file system is read-only',
  injected:
    '/etc, /usr, /var and /tmp are made read-only, as the kernel does after an error of the disk',
  answer: 'says so in the first step that would write, and writes nothing',
  flavours: onDebian,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    { ...readOnlyBefore('apply'), fast: true },
    {
      moment: 'while nginx is compiled',
      run: async (site) => {
        await site.begin('fresh');
        const run = await applyAndActInBuild(site, () => remount(site, 'ro'));
        await expectReadOnly(site, run, { step: /nginx from source/, to: 'applied' });
      },
    },
    readOnlyBefore('teardown'),
  ],
};

function readOnlyBefore(command: 'apply' | 'teardown'): Case {
  const { from, to } = statesOf[command];
  return {
    moment: `before the ${command}`,
    run: async (site) => {
      await site.begin(from);
      await remount(site, 'ro');
      await expectReadOnly(site, await site[command](), { step: /journal/, to });
    },
  };
}

async function expectReadOnly(
  site: Site,
  run: WatchedRun,
  { step, to }: { readonly step: RegExp; readonly to: SavedState },
): Promise<void> {
  site.expectFailure(run, { code: 'E_STEP_FAILED', says: /file system is read-only/, step });
  await site.expectWholeFiles();
  await remount(site, 'rw');
  await site.expectRecovery(to);
}

/** Every folder that lvslab writes to gets a mount of its own, which is then made read-only: / itself is in use. */
async function remount(site: Site, how: 'ro' | 'rw'): Promise<void> {
  const act = how === 'ro' ? 'mount --bind $f $f; mount -o remount,bind,ro $f' : 'umount -l $f';
  await site.host.inside(`set -e; cd /; for f in /etc /usr /var /tmp; do ${act}; done`);
  const isWritable = await site.host.inside(
    'if touch /etc/probe 2>/dev/null; then rm /etc/probe; echo yes; fi',
  );
  if (isWritable.includes('yes') !== (how === 'rw')) throw new Error(`/etc is not ${how}`);
}
