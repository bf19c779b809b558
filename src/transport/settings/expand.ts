import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';

import { ConnectError } from '../../engine/model/failures/errors.ts';

/** What `%x` stands for, by its letter. */
export type Tokens = ReadonlyMap<string, string>;

/** How one connection is called, on both ends. */
export interface Names {
  /** As the inventory has it. */
  readonly original: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The home folder of the person at the controller. */
  readonly home: string;
  readonly hostKeyAlias: string | undefined;
  readonly proxyJump: string | undefined;
}

/** TOKENS of ProxyCommand in ssh_config(5), and the home folder. */
export function proxyTokens({ original, address, port, user, home }: Names): Tokens {
  return new Map(
    Object.entries({ '%': '%', h: address, n: original, p: String(port), r: user, d: home }),
  );
}

/** TOKENS of IdentityFile, IdentityAgent and UserKnownHostsFile in ssh_config(5). */
export function fileTokens(names: Names): Tokens {
  const { original, address, port, user, hostKeyAlias = original, proxyJump = '' } = names;
  const here = hostname();
  const { name, id } = person();
  const connection = `${here}${address}${port}${user}${proxyJump}`;
  return new Map([
    ...proxyTokens(names),
    ['C', createHash('sha1').update(connection).digest('hex')],
    ['i', id],
    ['j', proxyJump],
    ['k', hostKeyAlias],
    ['L', here.split('.')[0] ?? ''],
    ['l', here],
    ['u', name],
  ]);
}

/**
 * Text with its tokens replaced.
 * @throws ConnectError for a token that ssh does not know there either.
 */
export function expandTokens(text: string, tokens: Tokens, host: string): string {
  return text.replace(/%(.?)/gs, (all, letter: string) => {
    const found = tokens.get(letter);
    if (found !== undefined) return found;
    throw new ConnectError(`'${all}' in '${text}' has no meaning here`, {
      host,
      step: 'connect',
      hint: `Use only ${[...tokens.keys()].map((known) => `%${known}`).join(' ')} there; %% stands for a %.`,
    });
  });
}

/**
 * A file's name as ssh expands it: `~` and `~name` at its beginning, `${NAME}` of the environment, and tokens.
 * @throws ConnectError where one of them stands for nothing.
 */
export function expandFile(
  text: string,
  { tokens, host, home }: { readonly tokens: Tokens; readonly host: string; readonly home: string },
): string {
  return expandTokens(expandVariables(expandTilde(text, { host, home }), host), tokens, host);
}

/** What a variable holds is no text to expand again. */
function expandVariables(text: string, host: string): string {
  return text.replace(/\$\{([^}]*)\}/g, (_all, name: string) => {
    const found = process.env[name];
    if (found !== undefined) return found.replaceAll('%', '%%');
    throw new ConnectError(`'${text}' names the variable ${name}, which is not set`, {
      host,
      step: 'connect',
      hint: `Set ${name} in the environment of lvslab, or write the file's whole name.`,
    });
  });
}

function expandTilde(
  text: string,
  { host, home }: { readonly host: string; readonly home: string },
): string {
  const [all = '', user] = /^~([^/]*)(?=\/|$)/.exec(text) ?? [];
  if (user === undefined) return text;
  const folder = user === '' ? home : homeOf(user);
  if (folder !== undefined) return folder.replaceAll('%', '%%') + text.slice(all.length);
  throw new ConnectError(`'${text}' is in the home folder of ${user}, who is no user here`, {
    host,
    step: 'connect',
    hint: "Correct the file's name in the ssh arguments or your ssh_config.",
  });
}

function homeOf(user: string): string | undefined {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return lines.find((line) => line.startsWith(`${user}:`))?.split(':')[5];
}

function person(): { readonly name: string; readonly id: string } {
  try {
    const { username, uid } = userInfo();
    return { name: username, id: String(uid) };
  } catch {
    // An account without a name, as in some containers.
    return { name: '', id: String(process.getuid?.() ?? '') };
  }
}
