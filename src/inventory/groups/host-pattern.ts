import { UsageError } from '../../engine/model/failures/errors.ts';
import { type Inventory } from '../inventory.ts';
import { shown } from '../shown.ts';
import { didYouMean } from '../suggestion.ts';

/**
 * The hosts that an Ansible host pattern means, in the order of the inventory: names of hosts and groups, wildcards,
 * several with `,` or `:` between, `!x` without and `&x` only those also in x.
 * @throws UsageError for a part that matches nothing, and for regular expressions, subscripts and @files
 */
export function hostsMatching(inventory: Inventory, pattern: string): readonly string[] {
  const parts = pattern
    .split(/[,:]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0)
    throw new UsageError('the host pattern is empty', { hint: 'Name a host or a group.' });
  const match = (mark: string): readonly ReadonlySet<string>[] =>
    parts
      .filter((part) => part.startsWith(mark))
      .map((part) => matchOne(inventory, part.slice(mark.length)));
  const plain = parts
    .filter((part) => !/^[!&]/.test(part))
    .map((part) => matchOne(inventory, part));
  const [required, excluded] = [match('&'), match('!')];
  return [...inventory.hosts.keys()].filter(
    (host) =>
      (plain.length === 0 || plain.some((set) => set.has(host))) &&
      required.every((set) => set.has(host)) &&
      !excluded.some((set) => set.has(host)),
  );
}

function matchOne(inventory: Inventory, part: string): ReadonlySet<string> {
  if (/^[~@]|\[/.test(part)) {
    throw new UsageError(
      `host pattern ${shown(part)}: regular expressions, ranges and files are not supported`,
      {
        hint: 'Use names of hosts and groups, with * and ? as wildcards.',
      },
    );
  }
  const wanted = wildcard(part);
  const groups = [...inventory.groups.values()].filter(({ name }) => wanted.test(name));
  const hosts = [...inventory.hosts.keys()].filter((name) => wanted.test(name));
  if (groups.length === 0 && hosts.length === 0) {
    const names = [...inventory.hosts.keys(), ...inventory.groups.keys()];
    throw new UsageError(`no host or group matches ${shown(part)}`, {
      hint: didYouMean(part, names) ?? `There are: ${names.join(', ')}.`,
    });
  }
  return new Set([...groups.flatMap((group) => group.hosts), ...hosts]);
}

function wildcard(part: string): RegExp {
  const source = part
    .replaceAll(/[\\^$.|+(){}[\]-]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
