/** Compares dotted versions number by number: '1.16.1' is older than '1.21.2'. */
export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}
