import { Secret } from '../../engine/model/secret.ts';
import { isSecretVariable } from './connection-variables.ts';
import { type Variable } from '../inventory.ts';
import { type Position } from '../inventory-error.ts';

/** A variable as it was read: a password is a secret from here on. */
export function variableOf(name: string, value: unknown, at: Position): Variable {
  return {
    value: isSecretVariable(name) && typeof value === 'string' ? new Secret(value) : value,
    at,
  };
}
