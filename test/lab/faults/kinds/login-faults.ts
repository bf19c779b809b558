import { onBoth, onEl7, type Scenario } from '../course/scenario.ts';
import { expectExitCode, type Site } from '../hosts/site.ts';

const PASSWORD = 'the right one';

/** A person who is not root, and may become root with a password. */
async function addAdmin(site: Site, sudoers: string): Promise<void> {
  await site.host.run(`set -e
useradd -m admin
echo 'admin:${PASSWORD}' | chpasswd
mkdir -p /etc/sudoers.d
printf '%s\\n' ${sudoers} >/etc/sudoers.d/admin
chmod 440 /etc/sudoers.d/admin`);
}

async function removeAdmin(site: Site): Promise<void> {
  await site.host.run(
    'userdel -rf admin 2>/dev/null; rm -f /etc/sudoers.d/admin /var/lib/sudo/lectured/admin; rmdir /etc/sudoers.d 2>/dev/null; :',
  );
}

function asAdmin(...more: readonly string[]): readonly string[] {
  return ['ansible_user=admin', 'ansible_become=true', ...more].flatMap((one) => ['-e', one]);
}

interface SudoRefusal {
  readonly sudoers: string;
  /** Besides what logs in as the person. */
  readonly extra?: readonly string[];
  readonly says: RegExp;
  /** What else is done to the host for a while. */
  readonly meanwhile?: { readonly begin: string; readonly end: string };
  /** Called while the person is still there. */
  readonly also?: (site: Site) => Promise<void>;
}

/** A run as that person fails at sudo within seconds, and has changed nothing. */
async function expectSudoRefusal(
  site: Site,
  { sudoers, extra = [], says, meanwhile, also }: SudoRefusal,
): Promise<void> {
  await site.begin('fresh');
  await addAdmin(site, sudoers);
  await site.host.run(meanwhile?.begin ?? ':');
  const run = await site.apply({ extra: asAdmin(...extra), limitMs: 30_000 });
  site.expectFailure(run, { code: 'E_AUTHENTICATION', says, step: /sudo/ });
  await also?.(site);
  await site.host.run(meanwhile?.end ?? ':');
  await removeAdmin(site);
  await site.expectWholeFiles();
  await site.expectRecovery('applied');
}

export const wrongSudoPassword: Scenario = {
  fault: 'the sudo password is wrong',
  injected: 'a user with a password, and another one in the inventory',
  answer: 'says so within seconds; the password is tried once, so no account is locked',
  flavours: onEl7,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    {
      moment: 'before the run',
      fast: true,
      run: (site) =>
        expectSudoRefusal(site, {
          sudoers: "'admin ALL=(ALL) ALL' 'Defaults lecture=always'",
          extra: [JSON.stringify({ ansible_become_password: 'a wrong one' })],
          says: /sudo refused the password/,
          also: async () => {
            const right = JSON.stringify({ ansible_become_password: PASSWORD });
            expectExitCode(await site.plan({ extra: asAdmin(right) }), 2);
          },
        }),
    },
  ],
};

export const noTerminal: Scenario = {
  fault: 'sudo wants a terminal (requiretty)',
  injected: "'Defaults requiretty' in the sudoers",
  answer: 'says so, and which line to remove',
  flavours: onEl7,
  place: 'real server',
  isInFastSubset: false,
  cases: () => [
    {
      moment: 'before the run',
      run: (site) =>
        expectSudoRefusal(site, {
          sudoers: "'admin ALL=(ALL) NOPASSWD: ALL' 'Defaults requiretty'",
          says: /sudo wants a terminal/,
        }),
    },
  ],
};

export const noSudo: Scenario = {
  fault: 'sudo is not installed',
  injected: 'a host without the program',
  answer: 'says so',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: false,
  cases: () => [
    {
      moment: 'before the run',
      run: (site) =>
        expectSudoRefusal(site, {
          sudoers: "'admin ALL=(ALL) NOPASSWD: ALL'",
          says: /sudo is not installed/,
          meanwhile: {
            begin: '[ ! -e /usr/bin/sudo ] || mv /usr/bin/sudo /usr/bin/sudo.away',
            end: '[ ! -e /usr/bin/sudo.away ] || mv /usr/bin/sudo.away /usr/bin/sudo',
          },
        }),
    },
  ],
};

export const hostKeyChanged: Scenario = {
  fault: 'the host key has changed',
  injected: 'a new key on the host, and its SSH server started again',
  answer:
    'stops with both fingerprints and the command that accepts the new one; nothing was changed',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: () => [
    {
      moment: 'between two runs',
      fast: true,
      run: async (site) => {
        await site.begin('fresh');
        await restartSshd(
          site,
          `cd /etc/ssh; mkdir /root/kept; mv ssh_host_ed25519_key* /root/kept/
ssh-keygen -q -t ed25519 -N '' -f ssh_host_ed25519_key`,
        );
        const run = await site.apply({ limitMs: 30_000 });
        site.expectFailure(run, { code: 'E_HOST_KEY', says: /SHA256:\S+.*SHA256:\S+/s });
        await site.expectWholeFiles();
        await restartSshd(site, 'mv /root/kept/* /etc/ssh/; rmdir /root/kept');
        await site.expectRecovery('applied');
      },
    },
  ],
};

async function restartSshd(site: Site, before: string): Promise<void> {
  const unit = site.flavour === 'el7' ? 'sshd' : 'ssh';
  await site.host.inside(`set -e\n${before}\nsystemctl restart ${unit}`);
}
