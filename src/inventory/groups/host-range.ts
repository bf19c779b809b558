const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** More hosts than any lab has; `[1:999999999]` is a slip or worse. */
export const MAX_HOSTS = 1000;

/**
 * The host names that Ansible reads from 'rs[1:3]', 'rs[01:10:2]', 'db[a:c]-[1:2]'; a plain name is itself.
 * @throws RangeError with what is wrong as its message
 */
export function expandHostRange(pattern: string): readonly string[] {
  const match = /^([^[\]]*)\[([^[\]]*)\](.*)$/s.exec(pattern);
  if (match === null) {
    if (/[[\]]/.test(pattern)) throw new RangeError('a host range is written NAME[FIRST:LAST]');
    return [pattern];
  }
  const [, head = '', range = '', tail = ''] = match;
  const tails = expandHostRange(tail);
  const names = expandRange(range).flatMap((part) => tails.map((rest) => `${head}${part}${rest}`));
  if (names.length > MAX_HOSTS)
    throw new RangeError(`the range means more than ${MAX_HOSTS} hosts`);
  return names;
}

function expandRange(range: string): readonly string[] {
  const [first = '', last, step = '1', ...rest] = range.split(':');
  if (last === undefined || rest.length > 0 || !/^0*[1-9]\d{0,8}$/.test(step)) {
    throw new RangeError('a host range is written [FIRST:LAST] or [FIRST:LAST:STEP]');
  }
  return /^[a-zA-Z]$/.test(first) && /^[a-zA-Z]$/.test(last)
    ? steps(LETTERS.indexOf(first), LETTERS.indexOf(last), Number(step)).map((i) =>
        LETTERS.charAt(i),
      )
    : expandNumbers(first === '' ? '0' : first, last, Number(step));
}

/** A leading zero means that all numbers are as wide as the first. */
function expandNumbers(first: string, last: string, step: number): readonly string[] {
  if (!/^\d{1,9}$/.test(first) || !/^\d{1,9}$/.test(last)) {
    throw new RangeError('a host range goes from number to number or from letter to letter');
  }
  const wide = first.length > 1 && first.startsWith('0');
  if (wide && first.length !== last.length) {
    throw new RangeError('first and last number of the range need the same number of digits');
  }
  return steps(Number(first), Number(last), step).map((i) =>
    String(i).padStart(wide ? first.length : 0, '0'),
  );
}

function steps(first: number, last: number, step: number): readonly number[] {
  if (first > last) throw new RangeError('the range ends before it begins');
  const count = Math.floor((last - first) / step) + 1;
  if (count > MAX_HOSTS) throw new RangeError(`the range means more than ${MAX_HOSTS} hosts`);
  return Array.from({ length: count }, (_, i) => first + i * step);
}
