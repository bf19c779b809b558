import { withoutSecrets } from './without-secrets.ts';

/** An option as it was given on the command line. */
export interface GivenOption {
  /** As the commands call its value: 'extraVars'. */
  readonly name: string;
  readonly flag: string;
  /** true or false, text, a number, or several texts. */
  readonly value: unknown;
}

/** Those whose values may hold passwords. */
const MAY_HOLD_SECRETS = ['extraVars', 'answer'];

/** The words that give the option again, without the passwords in them. */
export function wordsOf({ name, flag, value }: GivenOption): readonly string[] {
  if (typeof value === 'boolean') return [flag];
  const values = (Array.isArray(value) ? value : [value]).map(String);
  if (!MAY_HOLD_SECRETS.includes(name)) return values.flatMap((one) => [flag, one]);
  const shown = values.map(withoutSecrets);
  const instead = name === 'extraVars' ? new Set(shown.flatMap((one) => one.instead)) : [];
  return [
    ...shown.flatMap(({ value: rest }) => (rest === undefined ? [] : [flag, rest])),
    ...instead,
  ];
}
