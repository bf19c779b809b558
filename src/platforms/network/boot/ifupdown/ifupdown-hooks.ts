import { type BootConflict } from '../boot-view.ts';
import { type Stanza } from './interfaces-stanzas.ts';

/** A command that makes a default route, in the words of `ip` and of `route`, which may be cut short. */
const DEFAULT_BY_HAND =
  /\broute\b.*\b(add|append|replace|change)\b.*(\bdefault\b|\b0[.]0[.]0[.]0\b)|\bip(\s+-\S+)*\s+r(o(u(te?)?)?)?\s+(ad?d?|app\w*|r\w*|ch\w*|pr\w*)\s.*(\bdefault\b|\b0(?:[.]0){0,3}\/0\b|\b0[.]0[.]0[.]0\b)/;

/** Lines of the scripts that are run whenever a NIC comes up, each as 'PATH:LINE:TEXT'. */
export function scriptsOf(lines: readonly string[]): readonly BootConflict[] {
  return lines.flatMap((told) => {
    const [, file = '', line, text = ''] = /^(.+?):(\d{1,9}):(.*)$/.exec(told) ?? [];
    if (line === undefined || /^\s*#/.test(text) || !DEFAULT_BY_HAND.test(text)) return [];
    return [
      {
        about: 'default route' as const,
        file,
        line: Number(line),
        why: `a script that is run when a NIC comes up makes a default route: ${text.trim().slice(0, 120)}`,
        hint: `Take the line out, or the script's right to be executed.`,
      },
    ];
  });
}

/** Lines of a stanza that make a default route of their own. */
export function hooksOf({ options }: Stanza): readonly BootConflict[] {
  return options
    .filter(
      ({ name, value: command }) =>
        /^(pre-up|up|post-up)$/.test(name) && DEFAULT_BY_HAND.test(command),
    )
    .map(({ file, line, name, value: command }) => ({
      about: 'default route',
      file,
      line,
      why: `a hook makes a default route: ${name} ${command.slice(0, 120)}`,
      hint: 'Take the line out, and write a gateway in its place.',
    }));
}
