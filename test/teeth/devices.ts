import { type Device } from './sabotage.ts';

const CHANGE_SESSION = 'src/engine/apply/change-session.ts';
const COMMIT_CONFIRMED = 'src/engine/rollback/commit-confirmed.ts';
const COMMIT_CONFIRMED_TEST = 'test/slow/engine/commit-confirmed.test.ts';
const POWER_LOSS = 'test/slow/engine/journal-power-loss.test.ts';

/** The devices that keep a host safe whatever goes wrong, each with the way to switch it off. */
export const devices: readonly Device[] = [
  {
    device: 'the journal is synced to the disk',
    without:
      'a host that loses its power right after its first change has the change, and an empty journal: nothing can be torn down',
    off: [
      {
        what: 'the journal is written and not synced',
        edits: [
          {
            file: 'src/engine/journal/journal-script.ts',
            find: 'conv=notrunc,fsync',
            replace: 'conv=notrunc',
          },
        ],
        test: {
          file: POWER_LOSS,
          name: 'right after its first change still knows what was there before',
        },
      },
    ],
  },
  {
    device: 'the journal is written before the first change',
    without: 'a run that is cut off has changed what no teardown knows of',
    off: [
      {
        what: 'the journal is written when the lock is given back',
        edits: [
          {
            file: CHANGE_SESSION,
            find: '          ? appendToJournal(paths, print(added))',
            replace:
              '          ? ((globalThis.late ??= new Map()).set(paths.stateDir, print(added)), trusted(":"))',
          },
          {
            file: CHANGE_SESSION,
            find: '  const printed = print(added);',
            replace:
              '  const printed = [...((globalThis.late ??= new Map()).get(paths.stateDir) ?? []), ...print(added)];',
          },
        ],
        test: {
          file: POWER_LOSS,
          name: 'has noted down what was there before it changes anything',
        },
      },
    ],
  },
  {
    device: 'one controller at a time has the lock of a host',
    without: 'two controllers change one host at the same time',
    off: [
      {
        what: 'a lock that somebody holds is taken all the same',
        edits: [
          {
            file: 'src/engine/detached/host-lock.ts',
            find: '  if lvslab_holder_alive; then lvslab_tell; echo held; exit 0; fi\n',
            replace: '',
          },
        ],
        test: {
          file: 'test/slow/engine/host-lock.test.ts',
          name: 'is held while a run goes on, and by one of two at the same moment',
        },
      },
    ],
  },
  {
    device: 'a timer on the host rolls an unconfirmed change back',
    without: 'a change that has cut the host off stays when the job that made it has been killed',
    off: [
      {
        what: 'no timer is set',
        edits: [
          {
            file: COMMIT_CONFIRMED,
            find: '${armTimer({ id, seconds: windowSeconds, endScript })}',
            replace: ':',
          },
        ],
        test: {
          file: COMMIT_CONFIRMED_TEST,
          name: 'is rolled back by its timer when the job that made it is gone',
        },
      },
    ],
  },
  {
    device: 'the next boot rolls an unconfirmed change back',
    without: 'a host that was rebooted in the middle of a change comes up with it, and cut off',
    off: [
      {
        what: 'nothing is left for the boot to run',
        edits: [
          {
            file: COMMIT_CONFIRMED,
            find: '${armBootRollback({ id, unitDir, endScripts: [endScript, `${endedFolder}/${END_SCRIPT}`] })}',
            replace: '',
          },
        ],
        test: {
          file: COMMIT_CONFIRMED_TEST,
          name: 'is rolled back at the next boot, when only its files are there',
        },
      },
    ],
  },
  {
    device: 'a change is confirmed over a new connection',
    without: 'a change stays that lets the old connection live and no other one in',
    off: [
      {
        what: 'the connection that is there will do',
        edits: [
          {
            file: 'src/engine/rollback/confirm-changes.ts',
            find: 'const connection = await this.#host.connection.again({ signal });',
            replace:
              'const old = this.#host.connection; const connection = { run: (...given) => old.run(...given), close: async () => {} };',
          },
        ],
        test: {
          file: 'test/slow/engine/commit-confirmed-play.test.ts',
          name: 'is rolled back when no new connection can be made, which is why and what the error tells',
        },
      },
    ],
  },
  {
    device: 'a job that has lost its controller is adopted',
    without: 'the next run plans on a state that the job is still changing, or can change nothing',
    off: [
      {
        what: 'a job that goes on is not waited for',
        edits: [
          {
            file: 'src/engine/session/adopt-orphans.ts',
            find: 'orphanedJobs(jobs).find((job) => job.isRunning)',
            replace: 'orphanedJobs(jobs).find(() => false)',
          },
        ],
        test: {
          file: 'test/slow/engine/orphaned-jobs.test.ts',
          name: 'is followed to its end, and then only the rest is done',
        },
      },
    ],
  },
  {
    device: 'the checksum of the tarball is compared',
    without: 'what somebody has put in the place of the release is compiled and run as root',
    off: [
      {
        what: 'not on the controller',
        edits: [
          {
            file: 'src/downloads/fetch-tarball.ts',
            find: 'if (found !== sha256) throw wrongChecksum(url, { found, sha256 });',
            replace: '',
          },
        ],
        test: {
          file: 'test/integration/resources/source-tarball.test.ts',
          name: '%s is a download error, and the cache stays empty',
          row: ['/other'],
        },
      },
      {
        what: 'not for a tarball that lies on the controller',
        edits: [
          {
            file: 'src/downloads/fetch-tarball.ts',
            find: 'if (found !== sha256) throw wrongChecksum(file, { found, sha256 });',
            replace: '',
          },
        ],
        test: {
          file: 'test/integration/resources/source-tarball.test.ts',
          name: 'a local file is used where it lies, but only when it is the right one',
        },
      },
      {
        what: 'not on the host',
        edits: [
          {
            file: 'src/resources/nginx/nginx-build-script.ts',
            find: "    printf '%s  %s\\n' ${sha256} ${upload} | sha256sum -c -\n",
            replace: '',
          },
        ],
        test: {
          file: 'test/integration/resources/nginx-build.test.ts',
          name: 'another tarball than the one that was meant is not built, however sound it is',
        },
      },
    ],
  },
];
