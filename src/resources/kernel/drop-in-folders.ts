/**
 * The files that count of those in drop-in folders, in the order of their names' bytes: of those with one name only that
 * in the first folder.
 */
export function filesThatCount(
  paths: readonly string[],
  folders: readonly string[],
): readonly string[] {
  const rankOf = (path: string) => folders.findIndex((folder) => path.startsWith(`${folder}/`));
  const chosen = new Map<string, string>();
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const known = chosen.get(name);
    if (known === undefined || rankOf(path) < rankOf(known)) chosen.set(name, path);
  }
  return [...chosen]
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([, path]) => path);
}
