/** What to say of a Jinja template where a value is needed. */
export const TEMPLATES = 'templates ({{ … }}) are not supported, write the value itself';

/** Tells whether Ansible would take this text, or a line of it, for a template and put something else in its place. */
export function hasTemplate(value: unknown): boolean {
  const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join('\n') : '';
  return /\{[{%#]/.test(text);
}
