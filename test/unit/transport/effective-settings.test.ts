import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { type ConnectionSettings } from '../../../src/transport/settings/connection-settings.ts';
import {
  effectiveSettings,
  type EffectiveSettings,
} from '../../../src/transport/settings/effective-settings.ts';

/** With no ssh program to ask, the outcome depends on the arguments alone. */
function effective(given: Partial<ConnectionSettings> = {}): Promise<EffectiveSettings> {
  const settings = {
    host: 'rs1',
    address: '10.0.0.9',
    user: 'admin',
    become: true,
    home: '/home/me',
  };
  return effectiveSettings({ ...settings, ...given }, { sshProgram: '/nonexistent/ssh' });
}

describe('settings in effect', () => {
  test('nothing said: what OpenSSH does, except that new host keys are not asked about', async () => {
    expect(await effective({ identityAgent: '/run/agent' })).toEqual({
      address: '10.0.0.9',
      port: 22,
      user: 'admin',
      identityFiles: ['rsa', 'ecdsa', 'ed25519'].map((type) => ({
        path: `/home/me/.ssh/id_${type}`,
        named: false,
      })),
      identitiesOnly: false,
      agentSocket: '/run/agent',
      hostKeyChecking: 'accept-new',
      userKnownHostsFiles: ['/home/me/.ssh/known_hosts', '/home/me/.ssh/known_hosts2'],
      globalKnownHostsFiles: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      hashKnownHosts: false,
      unused: [],
    });
  });

  test('the inventory goes before its ssh arguments, and the first of two options counts', async () => {
    const commonArgs = `-p 1 -l other -i /k2 -o ConnectTimeout=7 -o ConnectTimeout=9
      -o ServerAliveInterval=4 -o IdentityAgent=none -o StrictHostKeyChecking=no -o IdentitiesOnly=yes`;
    expect(await effective({ port: 2200, privateKeyFile: '/k1', commonArgs })).toMatchObject({
      port: 2200,
      user: 'admin',
      identityFiles: [
        { path: '/k1', named: true },
        { path: '/k2', named: true },
      ],
      identitiesOnly: true,
      connectTimeoutMs: 7000,
      keepAlive: { intervalMs: 4000, count: 3 },
      hostKeyChecking: 'no',
    });
  });

  test.each([
    ['/keys/%u@%L', `/keys/${userInfo().username}@${hostname().split('.')[0] ?? ''}`],
    ['~/.k/%h-%n-%p-%r-%k', '/home/me/.k/real-10.0.0.9-7-admin-alias'],
    ['/k/%l/%i/%j/%%/%d', `/k/${hostname()}/${userInfo().uid}/a@hop/%//home/me`],
    ['~root/key', '/root/key'],
    ['${LVSLAB_TEST_KEYS}/%h', '/with %h/real'],
    ['/C/%C', expect.stringMatching(/^\/C\/[0-9a-f]{40}$/)],
  ])('a file name is expanded as ssh does: %s', async (file, expanded) => {
    process.env['LVSLAB_TEST_KEYS'] = '/with %h';
    const commonArgs = `-p 7 -J a@hop -o HostName=real -o HostKeyAlias=alias -o UserKnownHostsFile='${file}' -o IdentityAgent='${file}'`;
    const found = await effective({ privateKeyFile: file, commonArgs });
    expect(found.identityFiles).toEqual([{ path: expanded, named: true }]);
    expect(found).toMatchObject({ userKnownHostsFiles: [expanded], agentSocket: expanded });
    delete process.env['LVSLAB_TEST_KEYS'];
  });

  test.each([
    ['/k/%x', /'%x' in '\/k\/%x' has no meaning here/],
    ['/k/%', /'%' in '\/k\/%' has no meaning/],
    ['${LVSLAB_TEST_UNSET}/k', /the variable LVSLAB_TEST_UNSET, which is not set/],
    ['~nobody-of-this-name/k', /who is no user here/],
  ])('what stands for nothing is refused, as ssh does: %s', async (privateKeyFile, message) => {
    await expect(effective({ privateKeyFile })).rejects.toMatchObject({
      code: 'E_CONNECT',
      host: 'rs1',
      message: expect.stringMatching(message),
    });
  });

  test('what the ssh program has expanded is not expanded again', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-settings-'));
    const config = path.join(folder, 'config');
    await writeFile(
      config,
      'Host *\n IdentityFile /k/%%h-%u\n UserKnownHostsFile /kh/100%% ~/%n\n GlobalKnownHostsFile /g/%h\n',
    );
    const found = await effectiveSettings({
      ...{ host: 'rs1', address: '10.0.0.9', user: 'admin', become: true, home: '/home/me' },
      commonArgs: `-F ${config}`,
    });
    await rm(folder, { recursive: true });
    expect(found.identityFiles).toEqual([{ path: `/k/%h-${userInfo().username}`, named: true }]);
    expect(found.globalKnownHostsFiles).toEqual(['/g/%h']);
    expect(found.userKnownHostsFiles[0]).toBe('/kh/100%');
  });

  test('IdentityAgent=none means that no agent is asked', async () => {
    const { agentSocket } = await effective({
      identityAgent: '/run/agent',
      commonArgs: '-o IdentityAgent=none',
    });
    expect(agentSocket).toBeUndefined();
  });

  test('the tokens of a ProxyCommand are replaced, others refused', async () => {
    const proxy = (command: string): Promise<EffectiveSettings> =>
      effective({ commonArgs: `-o HostName=h1 -p 7 -o 'ProxyCommand=${command}'` });
    expect(await proxy('nc -x %n %h %p %r 100%% "$X"')).toMatchObject({
      proxyCommand: 'nc -x 10.0.0.9 h1 7 admin 100% "$X"',
    });
    expect(await proxy('none')).not.toHaveProperty('proxyCommand');
    await expect(proxy('nc %k')).rejects.toMatchObject({ code: 'E_CONNECT', host: 'rs1' });
  });

  test('a ProxyJump becomes the ssh command that OpenSSH would run, which never asks', async () => {
    const commonArgs = `-J a@one:1,two -o 'UserKnownHostsFile="/my hosts" ~/%r'`;
    const { proxyCommand, userKnownHostsFiles } = await effective({
      commonArgs,
      privateKeyFile: '/k%%',
    });
    expect(userKnownHostsFiles).toEqual(['/my hosts', '/home/me/admin']);
    expect(proxyCommand).toBe(
      `/nonexistent/ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new '-oUserKnownHostsFile="/my hosts" "/home/me/admin"' -i/k% -J a@one:1 ssh://two -W '[10.0.0.9]:22'`,
    );
  });

  test.each<Partial<ConnectionSettings>>([
    { address: '-oProxyCommand=reboot' },
    { address: 'a b' },
    { user: '$(reboot)' },
    { commonArgs: '-o HostName=`reboot`' },
    { commonArgs: "-l 'a;reboot'", user: 'x|y' },
  ])('%j is refused before anything is run', async (given) => {
    await expect(effective(given)).rejects.toMatchObject({ code: 'E_CONNECT', host: 'rs1' });
  });
});
