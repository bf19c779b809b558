import { type z } from 'zod';

/** One variable that lvslab understands, with all that the documentation says of it. */
export interface VariableDefinition {
  readonly schema: z.ZodType;
  /** Completes "NAME must be …"; the only thing a message says of a wrong value. */
  readonly expected: string;
  /** One or two sentences. */
  readonly description: string;
  /** Markdown; left out when the variable has to be set. */
  readonly default?: string;
  /** Whose variable it is: 'the lab' means that all hosts must agree on it. */
  readonly usedBy: 'the lab' | 'director' | 'real servers' | 'clients' | 'every host';
  /** Its value is never shown. */
  readonly secret?: true;
}
