import { splitShellWords } from './shell-words.ts';

export interface SshOption {
  /** In OpenSSH's spelling or any other: names are compared without regard to case. */
  readonly name: string;
  readonly value: string;
}

/** What a string of arguments for the ssh program says. */
export interface SshArguments {
  /** In the order given; of several with one name the first counts. */
  readonly options: readonly SshOption[];
  readonly configFile?: string;
  /** Arguments that have no effect on how lvslab connects, and that the person may have relied on. */
  readonly unused: readonly string[];
}

/** The options that lvslab acts upon. */
const USED = new Set(
  `hostname user port identityfile identitiesonly identityagent proxycommand proxyjump userknownhostsfile
  globalknownhostsfile hostkeyalias stricthostkeychecking hashknownhosts connecttimeout serveraliveinterval
  serveralivecountmax`.split(/\s+/),
);

/** Options that only concern OpenSSH's own way of sharing connections, asking and printing: not worth a word. */
const HARMLESS = new Set(
  `controlmaster controlpath controlpersist batchmode loglevel compression forwardagent forwardx11 forwardx11trusted
  addkeystoagent checkhostip updatehostkeys tcpkeepalive requesttty visualhostkey numberofpasswordprompts
  passwordauthentication kbdinteractiveauthentication challengeresponseauthentication pubkeyauthentication
  preferredauthentications gssapiauthentication gssapidelegatecredentials sendenv setenv ipqos`.split(
    /\s+/,
  ),
);

const LETTERS_OF_OPTIONS: Readonly<Record<string, string>> = {
  i: 'IdentityFile',
  l: 'User',
  p: 'Port',
  J: 'ProxyJump',
};
const LETTERS_WITH_VALUE = 'BbcDEeFIiJLlmOopQRSWw';
const HARMLESS_LETTERS = 'AaCNnqTtvXxYy';

/**
 * Reads arguments as Ansible's ansible_ssh_common_args holds them.
 * @throws RangeError when they can't be arguments of ssh.
 */
export function parseSshArguments(text: string): SshArguments {
  const options: SshOption[] = [];
  const unused: string[] = [];
  let configFile: string | undefined;
  for (const { letter, value } of flags(splitShellWords(text))) {
    const name = LETTERS_OF_OPTIONS[letter];
    if (letter === 'o') options.push(parseOption(value));
    else if (letter === 'F') configFile ??= value;
    else if (name !== undefined) options.push({ name, value });
    else if (!HARMLESS_LETTERS.includes(letter)) unused.push(`-${letter}`);
  }
  unused.push(...options.map(({ name }) => name).filter((name) => !isKnown(name)));
  return { options, unused, ...(configFile === undefined ? {} : { configFile }) };
}

interface Flag {
  readonly letter: string;
  /** '' for a flag that takes none. */
  readonly value: string;
}

/** Takes words apart as getopt does: `-p 22`, `-p22` and `-Cp22` mean the same port. */
function flags(words: readonly string[]): readonly Flag[] {
  const found: Flag[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!/^-[a-zA-Z0-9]/.test(word)) throw new RangeError(`'${word}' is not an option of ssh`);
    for (let i = 1; i < word.length; i++) {
      const letter = word.charAt(i);
      if (!LETTERS_WITH_VALUE.includes(letter)) {
        found.push({ letter, value: '' });
        continue;
      }
      const value = word.slice(i + 1) || rest.shift();
      if (value === undefined) throw new RangeError(`-${letter} needs a value`);
      found.push({ letter, value });
      break;
    }
  }
  return found;
}

/** `Name=value` or `Name value`, as after -o. */
function parseOption(text: string): SshOption {
  const [, name, value] = /^\s*([a-z][a-z0-9]*)(?:\s*=\s*|\s+)([^]*)$/i.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new RangeError(`'-o ${text}' is not of the form Name=value`);
  }
  return { name, value };
}

function isKnown(name: string): boolean {
  return USED.has(name.toLowerCase()) || HARMLESS.has(name.toLowerCase());
}
