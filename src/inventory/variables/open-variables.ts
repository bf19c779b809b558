import { isKnownVariable } from './check-variables.ts';
import { type Variable } from '../inventory.ts';
import { type Reading } from '../reading.ts';
import { variableOf } from './variable.ts';
import { VaultedText } from '../vault/vaulted-text.ts';

/** Decrypts the values that lvslab has a use for; other people's stay closed, and need no password. */
export async function openVariables(vars: Map<string, Variable>, reading: Reading): Promise<void> {
  for (const [name, variable] of vars) {
    if (!isKnownVariable(name) || !holdsVaulted(variable.value)) continue;
    const value = await openValue(name, variable, reading);
    // What stays closed has been told; there is nothing left of it to check.
    if (value === undefined && reading.isOutside !== true) vars.delete(name);
    else if (value === undefined) continue;
    else vars.set(name, { ...variableOf(name, value, variable.at), hidden: true });
  }
}

function holdsVaulted(value: unknown): boolean {
  return Array.isArray(value) ? value.some(holdsVaulted) : value instanceof VaultedText;
}

async function openValue(
  name: string,
  { value, at }: Variable,
  { vault, problems, isOutside }: Reading,
): Promise<unknown> {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  const opened: unknown[] = [];
  for (const part of parts) {
    const result = part instanceof VaultedText ? await vault.open(part.text) : undefined;
    if (result?.ok === false) {
      if (isOutside !== true) problems.add(at, `${name} ${result.problem}`, result.suggestion);
      return undefined;
    }
    opened.push(result === undefined ? part : result.plain.reveal());
  }
  return Array.isArray(value) ? opened : opened[0];
}
