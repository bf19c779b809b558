import { onBoth, onEl7, type Scenario } from './scenario.ts';
import { type Site } from './site.ts';

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
      run: async (site) => {
        await site.begin('fresh');
        await addAdmin(site, "'admin ALL=(ALL) ALL' 'Defaults lecture=always'");
        const run = await site.apply({
          extra: asAdmin('{"ansible_become_password": "a wrong one"}'),
          limitMs: 30_000,
        });
        site.expectFailure(run, {
          code: 'E_AUTHENTICATION',
          says: /sudo refused the password/,
          step: /sudo/,
        });
        const right = await site.plan({
          extra: asAdmin(JSON.stringify({ ansible_become_password: PASSWORD })),
        });
        if (right.exitCode !== 2) throw new Error(`the right password: ${right.exitCode}`);
        await removeAdmin(site);
        await site.expectWholeFiles();
        await site.expectRecovery('applied');
      },
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
      run: async (site) => {
        await site.begin('fresh');
        await addAdmin(site, "'admin ALL=(ALL) NOPASSWD: ALL' 'Defaults requiretty'");
        const run = await site.apply({ extra: asAdmin(), limitMs: 30_000 });
        site.expectFailure(run, {
          code: 'E_AUTHENTICATION',
          says: /sudo wants a terminal/,
          step: /sudo/,
        });
        await removeAdmin(site);
        await site.expectWholeFiles();
        await site.expectRecovery('applied');
      },
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
      run: async (site) => {
        await site.begin('fresh');
        await addAdmin(site, "'admin ALL=(ALL) NOPASSWD: ALL'");
        await site.host.run('[ ! -e /usr/bin/sudo ] || mv /usr/bin/sudo /usr/bin/sudo.away');
        const run = await site.apply({ extra: asAdmin(), limitMs: 30_000 });
        site.expectFailure(run, {
          code: 'E_AUTHENTICATION',
          says: /sudo is not installed/,
          step: /sudo/,
        });
        await site.host.run('[ ! -e /usr/bin/sudo.away ] || mv /usr/bin/sudo.away /usr/bin/sudo');
        await removeAdmin(site);
        await site.expectWholeFiles();
        await site.expectRecovery('applied');
      },
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
