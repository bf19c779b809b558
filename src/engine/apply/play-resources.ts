import { LvslabError, PlaybookError } from '../model/failures/errors.ts';
import { type Play } from '../model/play.ts';
import { type Resource, type ResourceSpec } from '../model/resource.ts';
import { type MakeFromSpec } from '../model/engine-context.ts';
import { placeIn, sourceFrame } from './source-frame.ts';

/**
 * The resources that a play gives a host. What a person's own playbook throws is their mistake, and shown with its place.
 * @throws PlaybookError
 */
export function resourcesOf<Context>(
  play: Play<Context>,
  context: Context,
  host: string,
): readonly Resource[] {
  try {
    return play.resources(context);
  } catch (cause) {
    if (cause instanceof LvslabError) throw cause;
    throw new PlaybookError(
      [`play '${play.name}': ${messageOf(cause)}`, ...placeOf(cause)].join('\n'),
      {
        host,
        step: 'playbook',
        hint: 'Correct the playbook there.',
      },
    );
  }
}

/**
 * What the journal gets must be enough to undo a resource; whether it is shows now, not when it is needed.
 * @throws PlaybookError
 */
export function checkSpecs(
  resources: readonly Resource[],
  makeFromSpec: MakeFromSpec,
  host: string,
): void {
  for (const { id, spec } of resources) {
    if (spec === undefined) continue;
    const made = madeBy(spec, makeFromSpec);
    if (made === id) continue;
    const problem = made instanceof Error ? `can't be used: ${made.message}` : `makes '${made}'`;
    throw new PlaybookError(`the spec of '${id}' ${problem}`, {
      host,
      step: 'playbook',
      hint: `Name its kind, as defineKind('${spec.kind}', …) made it, in the playbook: definePlaybook({ …, kinds: [ … ] }).`,
    });
  }
}

function madeBy(spec: ResourceSpec, makeFromSpec: MakeFromSpec): string | Error {
  try {
    return makeFromSpec(spec).id;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Without what the loader makes of imported names: '(0 , _lvslab.file)'. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\(0 ?, ?\w+\.(\w+)\)/g, '$1');
}

function placeOf(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const place = stack
    .split('\n')
    .map(placeIn)
    .find((found) => found !== undefined);
  return place === undefined ? [] : [`${place.file}:${place.line}:`, ...sourceFrame(place)];
}
