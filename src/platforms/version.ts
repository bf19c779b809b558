/**
 * Compares dotted versions number by number: '1.16.1' is older than '1.21.2', and '1.16' than '1.16.1'. What comes behind a number,
 * as in the kernel's '6.1.0-13-amd64', is of no matter.
 */
export function isOlder(version: string, than: string): boolean {
  const numbers = numbersOf(version);
  for (const [i, other] of numbersOf(than).entries()) {
    const number = numbers[i] ?? -1;
    if (number !== other) return number < other;
  }
  return false;
}

function numbersOf(version: string): readonly number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}
