import type * as script from '../../../src/engine/model/shell/script.ts';
import { type Script, type ScriptValue } from '../../../src/engine/model/shell/script.ts';

type ScriptModule = typeof script;

/**
 * Collects whole scripts by name, and stands between the code and `sh` to see every piece of shell that is made: a script
 * that is handed to another one as a word (a file to be written, the argument of `sh -c`) is run by a shell as well, so it
 * is collected without being named.
 */
export class ScriptCollector {
  /** Whole scripts by what they are. */
  readonly scripts = new Map<string, string>();
  /** By the text of a template: all that was made from it. */
  readonly #made = new Map<string, Set<string>>();
  readonly #texts = new Set<string>();
  #context = 'loaded';

  /** The module of `sh`, watched. */
  watch(real: ScriptModule): ScriptModule {
    return {
      ...real,
      sh: (strings, ...values) => {
        values.forEach((value) => {
          this.#lookInto(value);
        });
        const script = real.sh(strings, ...values);
        const key = templateKey(strings.raw);
        this.#made.set(key, (this.#made.get(key) ?? new Set()).add(script.body));
        return this.#seen(script);
      },
      lines: (...scripts) => this.#seen(real.lines(...scripts)),
      quote: (word) => {
        this.#lookInto(word);
        return real.quote(word);
      },
    };
  }

  /** Takes a whole script, and from now on calls what is found inside of others after it. */
  add(name: string, script: Script | string): void {
    const text = typeof script === 'string' ? script : script.text;
    if (text.trim() !== '' && ![...this.scripts.values()].includes(text)) {
      this.scripts.set(this.#free(name), text);
    }
  }

  /** Calls whatever is found while `work` goes on after this name. */
  within<T>(name: string, work: () => T): T {
    this.#context = name;
    return work();
  }

  /** Whether something that this template has made stands in a script that was collected. */
  hasUsed(raw: readonly string[]): boolean {
    const made = [...(this.#made.get(templateKey(raw)) ?? [])];
    const whole = [...this.scripts.values()];
    return made.some((text) => {
      const inOneLine = text.replaceAll('\n', '; ');
      return whole.some((script) => script.includes(text) || script.includes(inOneLine));
    });
  }

  #seen(script: Script): Script {
    if (/\s/.test(script.text.trim())) this.#texts.add(script.text);
    return script;
  }

  #lookInto(value: ScriptValue): void {
    if (Array.isArray(value)) {
      for (const word of value as readonly ScriptValue[]) this.#lookInto(word);
    } else if (typeof value === 'string') {
      if (this.#texts.has(value.trimEnd()) || /^#!\/bin\/sh\b/.test(value)) {
        this.add(`${this.#context}, inside`, value);
      }
    }
  }

  #free(name: string): string {
    let free = name;
    for (let i = 2; this.scripts.has(free); i += 1) free = `${name} ${i}`;
    return free;
  }
}

/** What tells one template from another: its text between the values. */
function templateKey(raw: readonly string[]): string {
  return raw.join('\0');
}
