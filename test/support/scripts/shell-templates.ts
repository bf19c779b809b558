import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** A `sh` template in the sources. */
export interface ShellTemplate {
  /** 'src/engine/detached/host-lock.ts:40'. */
  readonly place: string;
  /** Its text between the values, as it stands there. */
  readonly raw: readonly string[];
}

/** Every `sh` template below a folder of sources. */
export function shellTemplates(folder: string): readonly ShellTemplate[] {
  return sourcesIn(folder).flatMap((file) => templatesIn(file, readFileSync(file, 'utf8')));
}

function templatesIn(file: string, source: string): readonly ShellTemplate[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: ShellTemplate[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'sh') {
      const line = tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push({ place: `${file}:${line}`, raw: rawParts(node.template) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** As JavaScript gives it to the tag. */
function rawParts(template: ts.TemplateLiteral): readonly string[] {
  const parts = ts.isNoSubstitutionTemplateLiteral(template)
    ? [template]
    : [template.head, ...template.templateSpans.map(({ literal }) => literal)];
  return parts.map((part) => {
    const isLast = ts.isNoSubstitutionTemplateLiteral(part) || ts.isTemplateTail(part);
    return part.getText().slice(1, isLast ? -1 : -2);
  });
}

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));
}

/** Places where a shell is given a command that no template made. */
export function literalCommands(folder: string): readonly string[] {
  return sourcesIn(folder).filter((file) => /'-c',\s*['"`]/.test(readFileSync(file, 'utf8')));
}
