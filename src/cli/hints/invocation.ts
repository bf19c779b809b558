import { type Command, type Option } from 'commander';
import { type Completion, completeCommands } from './complete-commands.ts';
import { type GivenOption, wordsOf } from './given-option.ts';
import { type ProcessFacts, programWords } from './program-words.ts';

/** How lvslab was called this time, for commands that a person can type as they stand. */
export interface Invocation {
  /**
   * Completes what a text says of commands: `` `lvslab plan` `` gets the program as it was called, and the options that
   * lead to the same lab; `` `lvslab …` `` becomes the command that was given, and "run the command again" names it.
   * Passwords are left out, and asked for instead.
   * @param host the one that the text is about: a command that can be limited to it is.
   */
  readonly complete: (text: string, host?: string) => string;
  /** The same program with another command: for what a command goes on with. */
  readonly turnedTo: (command: string, inventory: string) => Invocation;
}

/** Reads the invocation from the command that was given on the command line. */
export function readInvocation(given: Command, facts: ProcessFacts): Invocation {
  const options = given.options.flatMap((option) => givenOption(given, option));
  const completion: Completion = {
    root: rootOf(given),
    program: programWords(facts),
    options,
    given: [...namesOf(given), ...options.flatMap(wordsOf), ...given.args],
    embedded: given.options.some((option) => option.attributeName() === 'name')
      ? given.opts<{ readonly name: string }>().name
      : undefined,
  };
  return invocationFrom(completion);
}

function invocationFrom(completion: Completion): Invocation {
  return {
    complete: (text, host) => completeCommands(text, completion, host),
    turnedTo: (command, inventory) => {
      const option = { name: 'inventory', flag: '-i', value: inventory };
      const given = [command, ...wordsOf(option)];
      return invocationFrom({ ...completion, options: [option], given });
    },
  };
}

/** The option with the value that it was given on the command line; nothing where it was not. */
function givenOption(given: Command, option: Option): readonly GivenOption[] {
  const name = option.attributeName();
  if (given.getOptionValueSource(name) !== 'cli') return [];
  const value = given.getOptionValue(name) as unknown;
  // '--plan' and '--no-plan' are two options with one value.
  if (typeof value === 'boolean' && value === option.negate) return [];
  return [{ name, flag: option.short ?? option.long ?? '', value }];
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** 'lab up' as ['lab', 'up']. */
function namesOf(command: Command): readonly string[] {
  return command.parent === null ? [] : [...namesOf(command.parent), command.name()];
}
