/** What nginx puts before its command line when it calls its processes. */
const TITLE = 'nginx: master process ';
/** Between the words of a command line that the process has left alone. */
const SEPARATOR = '\u001f';
const WITH_VALUE = /^-([cegps])(.*)$/s;
const OPTION = /^-[cegpqs]/;

/**
 * The arguments of an nginx, from what its process is called: 'nginx: master process /usr/sbin/nginx -c /etc/a b.conf'. There
 * its words have lost their limits; the options that nginx has tell where a value ends.
 * @param title the process's command line, its words ended by U+001F where it has not renamed itself.
 */
export function nginxArguments(title: string): readonly string[] {
  if (!title.startsWith(TITLE)) {
    return title
      .split(SEPARATOR)
      .slice(1)
      .filter((word) => word !== '');
  }
  const [, ...words] = title.slice(TITLE.length).split(SEPARATOR).join('').trimEnd().split(' ');
  const given: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    const [, letter, attached] = WITH_VALUE.exec(word) ?? [];
    if (letter === undefined || attached === undefined) {
      given.push(word);
      continue;
    }
    const rest = words.slice(i + 1);
    const next = rest.findIndex((other) => OPTION.test(other));
    const value = next === -1 ? rest : rest.slice(0, next);
    const whole = (attached === '' ? value : [attached, ...value]).join(' ');
    given.push(`-${letter}`, whole);
    i += value.length;
  }
  return given;
}
