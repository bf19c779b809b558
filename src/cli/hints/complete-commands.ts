import { type Command } from 'commander';
import { quote } from '../../engine/model/shell/script.ts';
import { inventoryFile } from '../session/inventory-file.ts';
import { type GivenOption, wordsOf } from './given-option.ts';

/** What commands in texts are completed from. */
export interface Completion {
  /** All commands of the program. */
  readonly root: Command;
  /** How the program is called. */
  readonly program: readonly string[];
  /** The options that were given. */
  readonly options: readonly GivenOption[];
  /** The command that was given, all of it but the program. */
  readonly given: readonly string[];
  /** The embedded lab that the command is about, if it is about one. */
  readonly embedded: string | undefined;
}

/** The options that lead to the same lab, or to the same hosts in it; how much is changed and shown is not among them. */
const LEADING = [
  ...['inventory', 'name', 'flavour', 'image', 'mirror', 'accelerator'],
  ...['limit', 'extraVars', 'playbook'],
  ...['askPass', 'askBecomePass', 'connectionPasswordFile', 'becomePasswordFile'],
  ...['askVaultPass', 'vaultPasswordFile', 'vaultId', 'hostKeyChecking'],
];

/** A command of lvslab in backticks, perhaps behind sudo. */
const COMMAND = /`(sudo )?lvslab(?: ([^`]*))?`/g;
/** What stands for the command that was given. */
const AGAIN = /\b(the|this) command again\b/g;

/** The text with every command of lvslab as it can be typed for this lab. */
export function completeCommands(text: string, completion: Completion, host?: string): string {
  return text
    .replaceAll(AGAIN, '`lvslab …` again')
    .replaceAll(COMMAND, (_, sudo: string | undefined, words: string | undefined) => {
      return `\`${sudo ?? ''}${complete(words ?? '', completion, host)}\``;
    });
}

function complete(words: string, completion: Completion, host?: string): string {
  const { program, root } = completion;
  if (/^…( |$)/.test(words)) return again(words.slice(1), completion);
  const { command, names } = commandIn(words, root);
  const rest = words.split(' ').slice(names.length);
  const options = optionsFor(command, rest, { completion, host });
  return [typed([...program, ...names, ...options]), ...rest].join(' ');
}

/**
 * The command that was given with one more option, which takes the place of the same one with another value; of a command
 * that has no such option, the option alone is told.
 */
function again(more: string, { program, given, options, root }: Completion): string {
  const [flag = ''] = more.trim().split(' ');
  if (flag === '') return typed([...program, ...given]);
  const { command } = commandIn(given.join(' '), root);
  const option = command.options.find(({ short, long }) => [short, long].includes(flag));
  if (option === undefined) return more.trim();
  const replaced = options.find(({ name }) => name === option.attributeName());
  const isList = Array.isArray(replaced?.value);
  const rest = replaced === undefined || isList ? given : without(given, wordsOf(replaced));
  return typed([...program, ...rest]) + more;
}

/** The words without the first place where these stand. */
function without(words: readonly string[], gone: readonly string[]): readonly string[] {
  const at = words.findIndex((_, i) => gone.every((word, k) => words[i + k] === word));
  return at < 0 ? words : words.toSpliced(at, gone.length);
}

function typed(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/** The command that the first words name: 'lab up --flavour el7' → up. */
function commandIn(
  words: string,
  root: Command,
): { readonly command: Command; readonly names: readonly string[] } {
  let command = root;
  const names: string[] = [];
  for (const word of words.split(' ')) {
    const next = command.commands.find((child) => child.name() === word);
    if (next === undefined) break;
    command = next;
    names.push(word);
  }
  return { command, names };
}

/** The words of the options that the command needs to be about the same lab, but for those that the text gives itself. */
function optionsFor(
  command: Command,
  rest: readonly string[],
  { completion, host }: { readonly completion: Completion; readonly host: string | undefined },
): readonly string[] {
  return LEADING.flatMap((name) => {
    const option = command.options.find((one) => one.attributeName() === name);
    if (option === undefined) return [];
    if ([option.short, option.long].some((flag) => flag !== undefined && rest.includes(flag))) {
      return [];
    }
    const given = completion.options.find((one) => one.name === name);
    const known = valueFor(name, given?.value, { completion, host });
    // A person must say which, where nothing else does.
    const value = known ?? (option.mandatory ? 'FILE' : undefined);
    return value === undefined
      ? []
      : wordsOf({ name, flag: option.short ?? option.long ?? '', value });
  });
}

function valueFor(
  name: string,
  given: unknown,
  {
    completion: { embedded },
    host,
  }: { readonly completion: Completion; readonly host: string | undefined },
): unknown {
  if (name === 'limit' && host !== undefined && PLAIN_HOST.test(host)) return host;
  if (name === 'inventory' && given === undefined) return inventoryOf(embedded);
  return given;
}

/** What a pattern takes as the name of one host; 'this machine', where requests come from without a client, is none. */
const PLAIN_HOST = /^[\w.-]+$/;

/** Commands about an embedded lab have no inventory of their own, but the lab has. */
function inventoryOf(embedded: string | undefined): string | undefined {
  if (embedded === undefined) return undefined;
  try {
    return inventoryFile(embedded);
  } catch {
    // The name itself is what is wrong: there is no such lab.
    return undefined;
  }
}
