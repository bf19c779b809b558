import { readFileSync } from 'node:fs';
import path from 'node:path';
import Handlebars from 'handlebars';
import { TemplateError } from './engine/model/failures/errors.ts';
import { projectPath } from './project-files.ts';

/** What a template may be given. */
export type TemplateData = Readonly<
  Record<string, string | number | boolean | readonly (string | number)[]>
>;

/**
 * Renders templates/NAME, which lies in this package, or a template of your own by its absolute path.
 * @throws TemplateError naming the template and the variable when one is missing or would break out of its line.
 */
export function renderTemplate(name: string, data: TemplateData): string {
  const source = readTemplate(name);
  try {
    const program = Handlebars.parse(source);
    checkVariables(name, program, data);
    return Handlebars.compile(program, { noEscape: true, strict: true })(data);
  } catch (cause) {
    if (cause instanceof TemplateError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TemplateError(reason, {
      cause,
      step: `template ${name}`,
      hint: 'Correct the template; it is written as https://handlebarsjs.com/guide describes.',
    });
  }
}

function readTemplate(name: string): string {
  const file = path.resolve(projectPath('templates'), name);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TemplateError("it can't be read", {
      cause,
      step: `template ${name}`,
      hint: path.isAbsolute(name)
        ? 'Correct its path in the playbook.'
        : `It should lie at ${file}; a template of your own is named by its absolute path.`,
    });
  }
}

/** Handlebars' own strictness leaves out the conditions of blocks, so all variables are looked at here. */
function checkVariables(name: string, program: hbs.AST.Program, data: TemplateData): void {
  for (const variable of variablesOf(program)) {
    const content = data[variable];
    if (content === undefined) {
      throw new TemplateError(`variable '${variable}' is not set`, {
        step: `template ${name}`,
        hint: `Given are: ${Object.keys(data).join(', ') || 'none'}. Correct the name in the template, or give renderTemplate its value.`,
      });
    }
    const parts = Array.isArray(content) ? content : [content];
    if (parts.some((part) => CONTROL_CHARACTER.test(String(part)))) {
      throw new TemplateError(
        `variable '${variable}' contains a line break or another control character`,
        { step: `template ${name}`, hint: 'Correct the value in the inventory.' },
      );
    }
  }
}

// eslint-disable-next-line no-control-regex -- these are what must not get through
const CONTROL_CHARACTER = /[\u0000-\u0008\u000a-\u001f\u007f]/;

function variablesOf(program: hbs.AST.Program): ReadonlySet<string> {
  const found = new Set<string>();
  class Collector extends Handlebars.Visitor {
    override PathExpression(expression: hbs.AST.PathExpression): void {
      if (expression.data || expression.original === 'this') return;
      if (!(expression.original in Handlebars.helpers)) {
        found.add(expression.original);
      }
    }
  }
  new Collector().accept(program);
  return found;
}
