import { type FlagGroups } from './flags.ts';

/** Which flags make up a group; whatever stands in none is the command's own. */
const GROUPS = {
  output: ['json', 'verbose', 'invocation'],
  inventory: ['inventory', 'extraVars', 'limit'],
  credentials: [
    'askPass',
    'askBecomePass',
    'connectionPasswordFile',
    'becomePasswordFile',
    'askVaultPass',
    'vaultPasswordFile',
    'vaultId',
    'hostKeyChecking',
    'forks',
    'passwords',
  ],
  change: ['yes', 'wait', 'confirmWithin'],
} as const satisfies {
  readonly [Group in keyof FlagGroups]: readonly (keyof FlagGroups[Group])[];
};

/** A command's own flags, and the groups; the flags of a group that the command does not take are not set. */
export type GroupedFlags = FlagGroups & Readonly<Record<string, unknown>>;

/** Sorts what was given on the command line, once, into groups and the command's own flags. */
export function groupFlags(given: Readonly<Record<string, unknown>>): GroupedFlags {
  const flags = Object.entries(given);
  const isOwn = ([name]: readonly [string, unknown]): boolean =>
    !Object.values(GROUPS).some((names) => (names as readonly string[]).includes(name));
  const groups = Object.entries(GROUPS).map(
    ([group, names]) =>
      [
        group,
        Object.fromEntries(flags.filter(([name]) => (names as readonly string[]).includes(name))),
      ] as const,
  );
  // The option's parser has checked each value; which commands take which of them, the program says.
  return Object.fromEntries([...flags.filter(isOwn), ...groups]) as unknown as GroupedFlags;
}
