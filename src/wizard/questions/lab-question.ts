import { type LabVariable, labVariables } from '../../inventory/variables/lab-variables.ts';
import { type Answer } from '../answers/answers.ts';
import { type Question } from './question.ts';

/** A question whose answer becomes a variable of the lab. */
export function labQuestion(
  name: string,
  variable: Exclude<LabVariable, 'lvs_dns' | 'lvs_services' | 'nginx_configure_args'>,
  message: string,
  fallback?: Answer,
): Question {
  const { schema, expected } = labVariables[variable];
  return {
    name,
    kind: 'input',
    message,
    schema,
    expected,
    ...(fallback !== undefined && { default: fallback }),
  };
}
