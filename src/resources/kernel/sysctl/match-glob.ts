/** Whether one part of a path matches a pattern of `*`, `?` and `[…]`, as a shell's would. */
export function matchesGlob(pattern: string, name: string): boolean {
  const source = pattern.replaceAll(/\[[!^]?\]?[^\]]*\]|[^\w]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length === 1) return `\\${part}`;
    const inside = part.slice(1, -1).replace(/^[!^]/, '');
    const members = inside.replaceAll(/[\\\]^]/g, String.raw`\$&`);
    return `[${/^\[[!^]/.test(part) ? '^' : ''}${members}]`;
  });
  try {
    return new RegExp(`^${source}$`, 's').test(name);
  } catch {
    return pattern === name;
  }
}
