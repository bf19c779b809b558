/**
 * The KEY=value lines of a file that shells source (os-release, ifcfg), in order, as data: nothing in them is run or
 * expanded. Lines that are no plain assignment are left out.
 */
export function parseAssignments(text: string): readonly (readonly [string, string])[] {
  return text.split('\n').flatMap((line) => {
    const assignment = parseAssignment(line);
    return assignment === undefined ? [] : [assignment];
  });
}

/** Reads one line; undefined when it is no plain assignment. */
export function parseAssignment(line: string): readonly [key: string, value: string] | undefined {
  const match =
    /^\s*([A-Za-z_]\w*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"'#$`|&;<>()]*))\s*(?:#.*)?$/.exec(
      line,
    );
  if (match?.[1] === undefined) return undefined;
  const [, key, double, single, bare = ''] = match;
  return [key, double === undefined ? (single ?? bare) : double.replaceAll(/\\(["\\$`])/g, '$1')];
}
