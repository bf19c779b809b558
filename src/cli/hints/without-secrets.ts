import { isSecretVariable } from '../../inventory/variables/connection-variables.ts';

/** A value of an option as it may be shown, and the options that ask for what is left out of it. */
export interface Showable {
  /** Not set when nothing is left. */
  readonly value?: string;
  readonly instead: readonly string[];
}

/** A value of --extra-vars, or of --answer, without the passwords in it. */
export function withoutSecrets(value: string): Showable {
  // A file may be named, whatever stands in it.
  if (value.startsWith('@')) return { value, instead: [] };
  if (/^[[{]/.test(value)) return withoutSecretKeys(value);
  const words = value.match(WORDS) ?? [];
  const shown = words.filter((word) => !isSecret(nameIn(word)));
  const hidden = words.filter((word) => isSecret(nameIn(word))).map(nameIn);
  if (hidden.length === 0) return { value, instead: [] };
  // What stands behind a password without quotes may be the rest of it.
  const rest = shown.filter((word) => word.includes('=')).join(' ');
  return { ...(rest !== '' && { value: rest }), instead: asking(hidden) };
}

/** As the inventory reads them: quotes keep blanks together. */
const WORDS = /(?:\{\{.*?\}\}|[^\s'"]|'[^']*'|"[^"]*"|['"])+/g;

function withoutSecretKeys(value: string): Showable {
  try {
    const vars = JSON.parse(value) as unknown;
    if (typeof vars !== 'object' || vars === null) return { instead: [] };
    const hidden = Object.keys(vars).filter(isSecret);
    if (hidden.length === 0) return { value, instead: [] };
    const shown = Object.entries(vars).filter(([name]) => !isSecret(name));
    const rest = shown.length === 0 ? {} : { value: JSON.stringify(Object.fromEntries(shown)) };
    return { ...rest, instead: asking(hidden) };
  } catch {
    // YAML in braces, or a slip: shown only when no password can be in it.
    return /pass|secret/i.test(value) ? { instead: [] } : { value, instead: [] };
  }
}

function nameIn(word: string): string {
  return word.split('=', 1)[0] ?? '';
}

function isSecret(name: string): boolean {
  return isSecretVariable(name) || /pass(word|phrase)?$/i.test(name);
}

function asking(names: readonly string[]): readonly string[] {
  const isForSudo = (name: string): boolean => /become|sudo/.test(name);
  return [
    ...(names.every(isForSudo) ? [] : ['--ask-pass']),
    ...(names.some(isForSudo) ? ['--ask-become-pass'] : []),
  ];
}
