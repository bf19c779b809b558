import { userInfo } from 'node:os';

import { ConnectError } from '../../engine/model/failures/errors.ts';
import { type ConnectionSettings } from './connection-settings.ts';
import { expandFile, expandTokens, fileTokens, proxyTokens } from './expand.ts';
import { type OptionValues, readOpenSshOptions } from './openssh-options.ts';
import { jumpCommand } from './proxy-jump.ts';
import { splitShellWords } from './shell-words.ts';
import { parseSshArguments, type SshArguments, type SshOption } from './ssh-arguments.ts';

type HostKeyChecking = 'yes' | 'accept-new' | 'no' | 'ask';

export interface IdentityFile {
  readonly path: string;
  /** The person named this file; the others are OpenSSH's own guesses. */
  readonly named: boolean;
}

/** Everything that decides how a connection is made, with nothing left to look up. */
export interface EffectiveSettings {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly IdentityFile[];
  readonly identitiesOnly: boolean;
  readonly agentSocket?: string;
  /** For `sh -c`; its standard streams are the connection. */
  readonly proxyCommand?: string;
  /** The jump hosts that the ProxyCommand stands for: `[user@]host[:port]` with commas between them. */
  readonly proxyJump?: string;
  readonly hostKeyAlias?: string;
  readonly hostKeyChecking: HostKeyChecking;
  /** Keys of new hosts go into the first. */
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hashKnownHosts: boolean;
  readonly connectTimeoutMs?: number;
  readonly keepAlive?: { readonly intervalMs: number; readonly count: number };
  /** Options that the person gave and that have no effect here. */
  readonly unused: readonly string[];
}

/** The files that OpenSSH looks for where nobody names one. */
const USUAL_KEY = /^~\/\.ssh\/id_(rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)$/;

/** What OpenSSH refuses in names since 9.6, because they end up in a ProxyCommand. */
const UNSAFE_NAME = /^-|['"`$\\;&<>|(){}\s]/;

export interface EffectiveSettingsOptions {
  readonly sshProgram?: string;
  /** There is a person who can be asked about new host keys. */
  readonly canAsk?: boolean;
  /** For reading the person's ssh_config; 20 s unless told. */
  readonly optionsTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Settings with OpenSSH's configuration applied: asked from the ssh program where there is one (`ssh -G`), else from
 * the inventory's ssh arguments alone.
 * @throws ConnectError when the settings can't be used; CancelledError
 */
export async function effectiveSettings(
  settings: ConnectionSettings,
  { sshProgram = 'ssh', canAsk = false, optionsTimeoutMs, signal }: EffectiveSettingsOptions = {},
): Promise<EffectiveSettings> {
  refuseUnsafeName(settings, 'ansible_host', settings.address);
  refuseUnsafeName(settings, 'ansible_user', settings.user ?? '');
  const given = argumentsOf(settings);
  const limits = { timeoutMs: optionsTimeoutMs, signal };
  const values = await readOpenSshOptions({ settings, given, sshProgram, ...limits });
  return interpret({ settings, given, values, sshProgram, canAsk });
}

function argumentsOf(settings: ConnectionSettings): SshArguments {
  const fromInventory: readonly SshOption[] = [
    ...(settings.port === undefined ? [] : [{ name: 'Port', value: String(settings.port) }]),
    ...(settings.user === undefined ? [] : [{ name: 'User', value: settings.user }]),
    ...(settings.privateKeyFile === undefined
      ? []
      : [{ name: 'IdentityFile', value: settings.privateKeyFile }]),
    ...(settings.hostKeyChecking === undefined
      ? []
      : [{ name: 'StrictHostKeyChecking', value: settings.hostKeyChecking }]),
  ];
  try {
    const given = parseSshArguments(settings.commonArgs ?? '');
    return { ...given, options: [...fromInventory, ...given.options] };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConnectError(`the ssh arguments can't be read: ${cause.message}`, {
      host: settings.host,
      step: 'connect',
      cause,
      hint: 'Check ansible_ssh_common_args and ansible_ssh_extra_args.',
    });
  }
}

interface Interpretation {
  readonly settings: ConnectionSettings;
  readonly given: SshArguments;
  readonly values: OptionValues;
  readonly sshProgram: string;
  readonly canAsk: boolean;
}

function interpret({
  settings,
  given,
  values,
  sshProgram,
  canAsk,
}: Interpretation): EffectiveSettings {
  const address = first(values, 'hostname') ?? settings.address;
  const port = Number(first(values, 'port') ?? 22);
  const user = first(values, 'user') ?? userInfo().username;
  refuseUnsafeName(settings, 'HostName', address);
  refuseUnsafeName(settings, 'User', user);
  const jump = first(values, 'proxyjump');
  const names = {
    ...{ original: settings.address, address, port, user, home: settings.home },
    hostKeyAlias: first(values, 'hostkeyalias'),
    proxyJump: jump,
  };
  const within = { tokens: fileTokens(names), host: settings.host, home: settings.home };
  const path = (text: string): string => expandFile(text, within);
  const named = new Set(namedIdentities(given));
  const identities = (values.get('identityfile') ?? []).filter((file) => file !== 'none');
  const base = {
    address,
    port,
    user,
    identityFiles: [...new Set(identities)].map((file) => ({
      path: path(file),
      named: named.has(file) || !USUAL_KEY.test(file),
    })),
    identitiesOnly: isYes(values, 'identitiesonly'),
    hostKeyChecking: hostKeyChecking({ values, given, canAsk }),
    userKnownHostsFiles: filesOf({ values, given, name: 'userknownhostsfile', path }),
    // ssh takes tokens in this one for parts of the name.
    globalKnownHostsFiles: filesOf({
      values,
      given,
      name: 'globalknownhostsfile',
      path: asTheyAre,
    }),
    hashKnownHosts: isYes(values, 'hashknownhosts'),
    unused: given.unused,
  };
  const proxyCommand = first(values, 'proxycommand');
  const proxy =
    proxyCommand ??
    (jump === undefined ? undefined : jumpCommand({ jump, given, settings: base, sshProgram }));
  return {
    ...base,
    ...setOnly({
      agentSocket: agentSocket(values, settings, path),
      proxyCommand:
        proxy === undefined ? undefined : expandTokens(proxy, proxyTokens(names), settings.host),
      proxyJump: proxyCommand === undefined ? jump : undefined,
      hostKeyAlias: first(values, 'hostkeyalias'),
      connectTimeoutMs: milliseconds(first(values, 'connecttimeout')),
      keepAlive: keepAlive(values),
    }),
  };
}

/** The first value counts, as in OpenSSH; 'none' is how its options are unset. */
function first(values: OptionValues, name: string): string | undefined {
  const [value] = values.get(name) ?? [];
  return value === undefined || value.toLowerCase() === 'none' ? undefined : value;
}

function isYes(values: OptionValues, name: string): boolean {
  return ['yes', 'true'].includes(first(values, name) ?? '');
}

/**
 * `ssh -G` prints file names without their quotes, so what the person gave is read from where they gave it. Of ssh's own
 * configuration, ssh has expanded most names already: what looks like a token in them is a part of the name then.
 */
function filesOf({
  values,
  given,
  name,
  path,
}: Pick<Interpretation, 'values' | 'given'> & {
  readonly name: string;
  readonly path: (text: string) => string;
}): readonly string[] {
  const option = given.options.find((one) => one.name.toLowerCase() === name);
  const text = option?.value ?? first(values, name) ?? '';
  const files = splitShellWords(text).filter((file) => file !== 'none');
  return files.map((file) => (option === undefined && file.startsWith('/') ? file : path(file)));
}

function asTheyAre(file: string): string {
  return file;
}

function namedIdentities({ options }: SshArguments): readonly string[] {
  return options
    .filter(({ name }) => name.toLowerCase() === 'identityfile')
    .map(({ value }) => value);
}

/**
 * `ssh -G` prints 'ask' also where nothing is said. Then, and where a person's ssh_config says so, a run without anybody to
 * ask accepts new keys; where 'ask' is said for this host or this run, it does not.
 */
function hostKeyChecking({
  values,
  given,
  canAsk,
}: Pick<Interpretation, 'values' | 'given' | 'canAsk'>): HostKeyChecking {
  const value = first(values, 'stricthostkeychecking');
  if (value === 'yes' || value === 'true') return 'yes';
  if (value === 'no' || value === 'off' || value === 'false') return 'no';
  if (value === 'accept-new') return 'accept-new';
  const isSaid = given.options.some(({ name }) => name.toLowerCase() === 'stricthostkeychecking');
  return canAsk || isSaid ? 'ask' : 'accept-new';
}

function agentSocket(
  values: OptionValues,
  settings: ConnectionSettings,
  path: (text: string) => string,
): string | undefined {
  const [value = 'SSH_AUTH_SOCK'] = values.get('identityagent') ?? [];
  if (value === 'SSH_AUTH_SOCK') return settings.identityAgent;
  const [, variable] = /^\$(\w+)$/.exec(value) ?? [];
  if (variable !== undefined) return process.env[variable];
  return value === 'none' ? undefined : path(value);
}

/** OpenSSH's default is none at all. */
function keepAlive(values: OptionValues): EffectiveSettings['keepAlive'] {
  const intervalMs = milliseconds(first(values, 'serveraliveinterval'));
  const count = positive(first(values, 'serveralivecountmax')) ?? 3;
  return intervalMs === undefined ? undefined : { intervalMs, count };
}

function milliseconds(seconds: string | undefined): number | undefined {
  const count = positive(seconds);
  return count === undefined ? undefined : count * 1000;
}

function positive(text: string | undefined): number | undefined {
  const count = Number(text);
  return count > 0 ? count : undefined;
}

function refuseUnsafeName({ host }: ConnectionSettings, what: string, name: string): void {
  if (!UNSAFE_NAME.test(name)) return;
  throw new ConnectError(`${JSON.stringify(name)} can't be a name in ssh`, {
    host,
    step: 'connect',
    hint: `Correct ${what}: no blanks, quotes or other characters that a shell treats specially.`,
  });
}

/** The properties that have a value. */
function setOnly<T extends object>(
  properties: T,
): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  const set = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as { readonly [K in keyof T]?: Exclude<T[K], undefined> };
}
