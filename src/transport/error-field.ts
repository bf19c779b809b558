/** A text that Node or a library puts on its errors beside the message: 'code', 'level', 'stderr'; '' where there is none. */
export function errorField(error: unknown, name: string): string {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
}
