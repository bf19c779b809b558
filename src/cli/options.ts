import { type Command, InvalidArgumentError, Option } from 'commander';
import { mostRealServers, usualRealServers } from '../embedded/lab/lab-hosts.ts';
import { defaultMode, labModes } from '../embedded/lab/lab-modes.ts';
import { defaultFlavour, flavours } from '../embedded/images/recipes/image-recipe.ts';
import { quote } from '../engine/model/shell/script.ts';

/** An option that may be given several times; its values come as a list. */
export function repeatable(flags: string, description: string): Option {
  const collect = (value: string, before: readonly string[]): readonly string[] => [
    ...before,
    value,
  ];
  return new Option(flags, description).default([], 'none').argParser(collect);
}

/** Variables that win over the inventory's. */
export function extraVars(): Option {
  return repeatable('-e, --extra-vars <vars>', 'key=value, JSON, or @file; wins over all else');
}

/** Traffic beside a change. */
export function probe(): Option {
  return new Option('--probe', 'ask the VIP all the time meanwhile, and show what was lost');
}

/** Ansible merges several inventories; to take the last of them alone would be a lab that nobody described. */
export function onlyInventory(value: string, before: string | undefined): string {
  if (before === undefined) return value;
  throw new InvalidArgumentError(
    `There can be only one. Ansible puts several into one: ansible-inventory -i ${quote(before)} -i ${quote(value)} --list --yaml --export --output lab.yml`,
  );
}

/** Reads how many connections are to be made. */
export function count(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 100_000) {
    throw new InvalidArgumentError('A whole number from 1 to 100000 is needed.');
  }
  return number;
}

/** Reads how many things may be done at the same time. */
function forks(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= 1000) return number;
  throw new InvalidArgumentError('A whole number from 1 to 1000 is needed.');
}

/** Reads how many real servers an embedded lab is to have. */
function realServerCount(value: string): number {
  const number = /^\d{1,2}$/.test(value) ? Number(value) : 0;
  if (number >= 1 && number <= mostRealServers) return number;
  throw new InvalidArgumentError(`A whole number from 1 to ${mostRealServers} is needed.`);
}

/** Reads '90', '90s' or '2m' as seconds. */
function duration(min: number, max: number): (value: string) => number {
  return (value) => {
    const [, number = '', unit] = /^(\d{1,6})([sm]?)$/.exec(value) ?? [];
    const seconds = number === '' ? Number.NaN : Number(number) * (unit === 'm' ? 60 : 1);
    if (seconds >= min && seconds <= max) return seconds;
    throw new InvalidArgumentError(
      `A time from ${min}s to ${max}s is needed, such as 90, 90s or 2m.`,
    );
  };
}

/** How a command shows what it does. */
export function addOutputFlags(command: Command): Command {
  return command
    .option('--json', 'print one JSON event a line')
    .option(
      '-v, --verbose',
      'show all: the commands of each step, long differences, whole outputs, stacks',
    );
}

/** The lab, and how to get into its hosts; where it is optional, the command itself says when it is needed. */
export function addInventoryFlags(
  command: Command,
  need: 'required' | 'optional' = 'required',
): Command {
  const inventory = new Option(
    '-i, --inventory <file>',
    "the lab's hosts and variables (Ansible's YAML)",
  )
    .argParser(onlyInventory)
    .makeOptionMandatory(need === 'required');
  return addAccessFlags(command.addOption(inventory).addOption(extraVars()));
}

/** As Ansible calls them. */
export function addAccessFlags(command: Command): Command {
  return command
    .option('-k, --ask-pass', 'ask for the password of the logins')
    .option('-K, --ask-become-pass', 'ask for the password of sudo')
    .option('--connection-password-file <file>', 'the password of the logins, or a program')
    .option('--become-password-file <file>', 'the password of sudo, or a program that prints it')
    .option('-J, --ask-vault-pass', 'ask for the password of encrypted files and values')
    .addOption(repeatable('--vault-password-file <file>', 'that password, or a program'))
    .addOption(repeatable('--vault-id <id@source>', "that password for one id; 'prompt' asks"))
    .addOption(
      new Option(
        '--host-key-checking <how>',
        "of new host keys; what ssh's configuration says, else ask on a terminal, accept-new without",
      ).choices(['ask', 'strict', 'accept-new']),
    )
    .option(
      '--forks <n>',
      'how many hosts log in and are read at once, at most; 16 for each core',
      forks,
    );
}

/** The lab, and which plays are for which of its hosts. */
export function addChoiceFlags(command: Command): Command {
  return addInventoryFlags(command)
    .option('-l, --limit <pattern>', 'change only these hosts (names, groups, !x, &x, wildcards)')
    .option('-p, --playbook <file>', 'the plays; without it, the whole documented lab');
}

/** What every command takes that shows what plays do. */
export function addPlayFlags(command: Command): Command {
  return addOutputFlags(addChoiceFlags(command));
}

/** What every command takes that changes hosts. */
export function addChangeFlags(command: Command): Command {
  return command
    .option('-y, --yes', "don't ask before changing anything")
    .option(
      '--wait <time>',
      'how long to wait while somebody else changes a host: 60s, 5m',
      duration(1, 100_000),
    )
    .option(
      '--confirm-within <time>',
      'a changed network is rolled back unless a new connection works by then (15s to 600s; 60s or more)',
      // Less would not do for asking the segment about addresses; more is no help.
      duration(15, 600),
    );
}

/** What every command takes that undoes changes. */
export function addTeardownFlags(command: Command): Command {
  return addChangeFlags(command)
    .option('--keep-packages', 'leave the packages that lvslab installed, for good')
    .option('--overwrite', 'undo also what others have changed since');
}

/** What every command takes that needs no playbook. */
export function addHostFlags(command: Command): Command {
  return addOutputFlags(
    addInventoryFlags(command).option(
      '-l, --limit <pattern>',
      'change only these hosts (names, groups, !x, &x, wildcards)',
    ),
  );
}

/** Which embedded lab, and how it is run. */
export function addEmbeddedFlags(command: Command): Command {
  return command
    .option('-n, --name <name>', 'which embedded lab, where there are several', 'lvslab')
    .addOption(
      new Option(
        '--image <reference>',
        'what the hosts are made of instead of a flavour: docker://…, oci:FOLDER, or a tarball of a root file system',
      ).conflicts('flavour'),
    )
    .addOption(
      new Option(
        '--flavour <flavour>',
        `what the hosts run; without it, what they run already, else ${defaultFlavour}`,
      ).choices(flavours),
    )
    .addOption(
      new Option(
        '--mirror <url>',
        "where Debian's packages for the hosts come from; without it, from where this machine has them, else from Debian's own mirrors",
      ).env('LVSLAB_DEBIAN_MIRROR'),
    )
    .addOption(
      new Option(
        '--mode <mode>',
        `what the lab is for: its networks and its inventory; without it, what it is for already, else ${defaultMode}`,
      ).choices(labModes),
    )
    .option(
      '--real-servers <number>',
      `how many real servers there are, 1 to ${mostRealServers}; without it, as many as there are already, else ${usualRealServers}`,
      realServerCount,
    )
    .addOption(
      new Option('--accelerator <kind>', 'how machines are run that must be VMs')
        .choices(['auto', 'kvm', 'tcg'])
        .default('auto'),
    );
}
