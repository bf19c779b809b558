import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';

import {
  AcceptedHostKeys,
  type NewHostKey,
} from '../../../src/transport/keys/accepted-host-keys.ts';
import { lvslab } from '../../support/lvslab.ts';
import { runProgram } from '../../support/processes.ts';
import { connectTo, visit } from '../../support/ssh/ssh-client.ts';
import { startSshd, type TestSshd } from '../../support/ssh/sshd.ts';
import { disguisedInventory } from '../../support/ssh/disguised-host.ts';
import { openTerminal, type Terminal } from '../../support/terminal.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/lvslab.js', import.meta.url));
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

jest.setTimeout(120_000);

asRoot('the key of a host that is seen for the first time', () => {
  let sshd: TestSshd;
  let folder: string;
  let files = 0;

  beforeAll(async () => {
    sshd = await startSshd({ config: ['ListenAddress 127.0.0.2'] });
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-keys-'));
  });

  afterAll(async () => {
    await sshd.stop();
    await rm(folder, { recursive: true });
  });

  const newFile = (): string => path.join(folder, `known-${++files}`);
  const into = (file: string): string => `-o UserKnownHostsFile=${file}`;
  const fingerprint = async (): Promise<string> => {
    const { stdout } = await runProgram('ssh-keygen', ['-lf', `${sshd.folder}/host_ed25519.pub`]);
    return stdout.split(' ')[1] ?? '';
  };

  describe('where a person can be asked', () => {
    test('is asked about once, for several hosts one after the other, and never again in the run', async () => {
      const questions: NewHostKey[] = [];
      let open = 0;
      let most = 0;
      const hostKeys = new AcceptedHostKeys(async (key) => {
        questions.push(key);
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 50));
        open--;
        return true;
      });
      const told: NewHostKey[] = [];
      const onNewHostKey = (key: NewHostKey): void => void told.push(key);
      // A file that can take no key: what was accepted is remembered all the same.
      const given = { hostKeys, onNewHostKey, commonArgs: into('/dev/null/known_hosts') };
      const connections = await Promise.all(
        ['127.0.0.1', '127.0.0.2', '127.0.0.1'].map((address) =>
          connectTo(sshd, { ...given, address }),
        ),
      );
      const again = await connections[0]?.again();
      for (const connection of [...connections, again]) await connection?.close();
      expect(questions.map(({ name }) => name).toSorted()).toEqual([
        `[127.0.0.1]:${sshd.port}`,
        `[127.0.0.2]:${sshd.port}`,
      ]);
      expect(questions[0]?.fingerprint).toBe(`ED25519 ${await fingerprint()}`);
      expect(told).toHaveLength(2);
      expect(most).toBe(1);
    });

    test('is refused where the answer is no; the time for an answer counts for nothing', async () => {
      const answers = [false, true];
      const hostKeys = new AcceptedHostKeys(async () => {
        await new Promise((resolve) => setTimeout(resolve, 2500));
        return answers.shift() ?? false;
      });
      const file = newFile();
      const given = { hostKeys, commonArgs: into(file), connectTimeoutMs: 2000 };
      await expect(connectTo(sshd, given)).rejects.toMatchObject({
        code: 'E_HOST_KEY',
        host: 'rs1',
        message: expect.stringContaining('was not accepted'),
      });
      const connection = await connectTo(sshd, given);
      expect(connection.pace.connectMs).toBeLessThan(2500);
      await connection.close();
      expect(await readFile(file, 'utf8')).toContain(`[127.0.0.1]:${sshd.port} ssh-ed25519 `);
    });

    test('is not asked about where accepting or refusing was said', async () => {
      const asking = (): AcceptedHostKeys =>
        new AcceptedHostKeys(() => Promise.reject(new Error('asked')));
      const accepting = `${into(newFile())} -o StrictHostKeyChecking=accept-new`;
      expect(await visit(sshd, { hostKeys: asking(), commonArgs: accepting })).toBe('root');
      const strict = `${into(newFile())} -o StrictHostKeyChecking=yes`;
      await expect(
        connectTo(sshd, { hostKeys: asking(), commonArgs: strict }),
      ).rejects.toMatchObject({
        message: expect.stringContaining('is not known'),
      });
    });
  });

  test('is refused where asking was said, and there is nobody to ask', async () => {
    await expect(
      connectTo(sshd, { hostKeyChecking: 'ask', commonArgs: into(newFile()) }),
    ).rejects.toMatchObject({ code: 'E_HOST_KEY', hint: expect.stringContaining('allow it with') });
  });

  describe('at a terminal', () => {
    let terminal: Terminal | undefined;

    afterEach(async () => {
      await terminal?.close();
      terminal = undefined;
    });

    /** Two hosts that are this machine, and a user who may not do anything as root there. */
    const inventory = async (known: string): Promise<string> => {
      const file = path.join(folder, `lab-${++files}.yml`);
      const sshArgs = `-F /dev/null -o UserKnownHostsFile=${known} -o GlobalKnownHostsFile=none -o IdentityAgent=none`;
      await writeFile(file, disguisedInventory({ ...sshd, sshArgs }));
      return file;
    };

    const open = async (command: string): Promise<Terminal> => {
      terminal = await openTerminal(`node ${PROGRAM} ${command}; echo "exit $?"`, {
        HOME: folder,
        SSH_AUTH_SOCK: '',
        XDG_CACHE_HOME: `${folder}/cache`,
      });
      return terminal;
    };

    test('is asked about host by host, with yes, no, and the fingerprint as answers', async () => {
      const known = newFile();
      const { press, see } = await open(`plan -i ${await inventory(known)}`);
      await see("can't be established");
      expect(await see('(yes/no/[fingerprint])?')).toContain(await fingerprint());
      await press('maybe', 'Enter');
      await see("Type 'yes', 'no' or the fingerprint.");
      await press('C-u', await fingerprint(), 'Enter');
      // The second question comes when the first is answered.
      const second = /Connect to (lb1|rs1)[^]*Connect to (lb1|rs1) \(yes\/no/;
      for (let tries = 0; tries < 200 && !second.test(await see('')); tries++);
      await press('no', 'Enter');
      expect(await see('exit 1')).toContain('was not accepted');
      expect((await readFile(known, 'utf8')).trim().split('\n')).toHaveLength(1);
    });

    test('ends the run with Ctrl-C at the question', async () => {
      const known = newFile();
      const { press, see } = await open(`plan -i ${await inventory(known)}`);
      await see('(yes/no/[fingerprint])?');
      await press('C-c');
      const screen = await see('exit ');
      expect(screen).toContain('exit 130');
      await expect(readFile(known, 'utf8')).rejects.toThrow('ENOENT');
    });

    test('is accepted, and said so, where the events are for a program, or nobody is there', async () => {
      const known = newFile();
      const { see } = await open(`plan --json -i ${await inventory(known)} | tail -n 1`);
      await see('exit ');
      expect((await readFile(known, 'utf8')).trim().split('\n')).toHaveLength(2);
      const other = newFile();
      const run = await lvslab('plan', '-i', await inventory(other));
      expect(run.stdout).toContain(`accepted and written to ${other}`);
    });
  });
});
