import { type Sabotage } from './sabotage.ts';

/** Mistakes that no test noticed once: small, likely, and with bad ends. */
export const mistakes: readonly Sabotage[] = [
  {
    what: 'a lock that was taken by mistake is deleted instead of handed back',
    edits: [
      {
        file: 'src/engine/detached/host-lock.ts',
        find: '    mv -T -- "$mine.dead" "$lock"\n',
        replace: '    rm -rf -- "$mine.dead"\n',
      },
    ],
    test: {
      file: 'test/slow/engine/host-lock.test.ts',
      name: 'goes back to whoever took it over in the moment between looking and taking',
    },
  },
  {
    what: 'the other hosts stay locked when one of them is refused',
    edits: [
      {
        file: 'src/engine/apply/change-session.ts',
        find: 'taken.map(({ session }) => closeChanges({ session, added: [], left: 1 }, context)),',
        replace: '[],',
      },
    ],
    test: {
      file: 'test/integration/engine/plays-and-locks.test.ts',
      name: 'where one host is locked by another controller, no other host stays locked or is changed',
    },
  },
  {
    what: 'a change that may cut the host off has thirty times as long',
    edits: [
      {
        file: 'src/engine/rollback/commit-confirmed.ts',
        find: 'Math.floor((windowSeconds * 2) / 3)',
        replace: 'Math.floor((windowSeconds * 2) / 3) * 30',
      },
    ],
    test: {
      file: 'test/slow/engine/commit-confirmed-play.test.ts',
      name: 'that takes too long is ended, and nothing of it goes on',
    },
  },
  {
    what: 'the plays of one host do not wait for each other',
    edits: [
      {
        file: 'src/engine/apply/play-schedule.ts',
        find: '      ...own.map(({ play }) => ({ name: host.name, play })),\n',
        replace: '',
      },
    ],
    test: {
      file: 'test/integration/engine/plays-and-locks.test.ts',
      name: 'the plays of one host go one after the other, in their order',
    },
  },
  {
    what: 'a change of a NIC runs unguarded when only a part of it comes at the next boot',
    edits: [
      {
        file: 'src/resources/network/interface/network-interface.ts',
        find: 'if (!isActivated && diffRuntime(from, to).length === 0) return undefined;',
        replace: 'if (paths.length > 0) return undefined;',
      },
    ],
    test: {
      file: 'test/unit/resources/interface-rollback.test.ts',
      name: 'where %s, the change is guarded: %s',
      row: ['file and address differ', 'true'],
    },
  },
  {
    what: 'the route that the controller comes by is torn down before the rest',
    edits: [
      {
        file: 'src/resources/network/host-route.ts',
        find: '      last: true,\n',
        replace: '',
      },
    ],
    test: {
      file: 'test/unit/resources/teardown-rules.test.ts',
      name: 'the route that the controller comes by goes after everything else of its play',
    },
  },
  {
    what: 'a script runs line by line as it arrives',
    edits: [
      {
        file: 'src/transport/root/root-session.ts',
        find: 'return `{ :; ${script.text}\\n\\n}\\n`;',
        replace: 'return `${script.text}\\n`;',
      },
    ],
    test: {
      file: 'test/integration/transport/run.test.ts',
      name: 'a script of which only the first half arrives does nothing at all',
    },
  },
  {
    what: 'the password for sudo is sent to a host whose key has changed',
    edits: [
      {
        file: 'src/transport/open-connection.ts',
        find: 'becomeOf(settings, hostKey.changed())',
        replace: 'becomeOf(settings)',
      },
    ],
    test: {
      file: 'test/integration/transport/evil-host.test.ts',
      name: 'for sudo is not sent to a host whose key has changed',
    },
  },
  {
    what: 'the password for the login is sent to a host whose key has changed',
    edits: [
      {
        file: 'src/transport/open-connection.ts',
        find: 'mayUsePassword: () => hostKey.changed() === undefined,',
        replace: 'mayUsePassword: () => true,',
      },
    ],
    test: {
      file: 'test/integration/transport/evil-host.test.ts',
      name: 'for the login is not sent to a host whose key has changed',
    },
  },
  {
    what: 'an nginx that others have changed is taken for the one that lvslab built',
    edits: [
      {
        file: 'src/resources/nginx/nginx-build.ts',
        find: "return !(stamp.intact || stamp.text === '');",
        replace: 'return false;',
      },
    ],
    test: {
      file: 'test/unit/resources/teardown-rules.test.ts',
      name: 'nginx: %s',
      row: ['one whose binary was changed since'],
    },
  },
];
