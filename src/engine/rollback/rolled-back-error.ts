import { type Connection } from '../model/connection.ts';
import { LvslabError, RolledBackError, StepFailedError } from '../model/failures/errors.ts';
import { observe, type ReadingContext } from '../host/observe.ts';
import { type PlannedStep } from '../model/plan.ts';
import { type Change } from '../model/resource.ts';

/**
 * The error for a change that the host has rolled back: what was tried, why it did not stay, and, as read on the host,
 * whether all is as it was before.
 */
export async function rolledBackError(
  { resource, from, changes }: PlannedStep,
  {
    connection,
    reason,
    cause,
    reading,
    hint = 'Correct the address, prefix, gateway or device in the inventory, then run the command again.',
  }: {
    readonly connection: Connection;
    readonly reason: string;
    readonly cause?: unknown;
    readonly hint?: string;
    readonly reading: ReadingContext;
  },
): Promise<RolledBackError> {
  const tried = changes.map(describe).filter((text) => text !== undefined);
  const { host } = connection;
  const left = await differencesFrom(from, { connection, reading, resource });
  const state =
    left.length === 0
      ? 'and is as it was before'
      : `but not all is as it was before: ${left.join(', ')}`;
  return new RolledBackError(
    `${reason}; the host has rolled the change back by itself, ${state} (tried: ${tried.join('; ')})`,
    { host, step: resource.id, cause, hint },
  );
}

/**
 * The error for a change whose end the host could not tell: what is there now, as read on the host.
 */
export async function unseenEndError(
  { resource, from, to }: PlannedStep,
  {
    connection,
    reading,
    failure: { message, exitCode, output },
  }: {
    readonly connection: Connection;
    readonly reading: ReadingContext;
    readonly failure: StepFailedError;
  },
): Promise<StepFailedError> {
  const at = { connection, reading, resource };
  const [undone, missing] = [await differencesFrom(from, at), await differencesFrom(to, at)];
  const state =
    undone.length === 0
      ? 'all is as it was before'
      : missing.length === 0
        ? 'the change is there'
        : `it is in between: ${missing.join(', ')}`;
  return new StepFailedError(`${message}; read back, ${state}`, {
    host: connection.host,
    step: resource.id,
    exitCode,
    output,
    hint: 'Run the command again: it reads what state the host is in and goes on from there.',
  });
}

/** In which fields a resource, read now, differs from a state; why not, where it can't be read. */
async function differencesFrom(
  state: PlannedStep['from'],
  {
    connection,
    reading,
    resource,
  }: {
    readonly connection: Connection;
    readonly reading: ReadingContext;
    readonly resource: PlannedStep['resource'];
  },
): Promise<readonly string[]> {
  try {
    const now = (await observe(connection, [resource], reading)).get(resource.id);
    if (now === undefined || now.kind === 'unknown') return [now?.reason ?? 'not read'];
    return resource.diff(now, state).map(({ field }) => field);
  } catch (error) {
    if (!(error instanceof LvslabError)) throw error;
    return [`its state could not be read (${error.message})`];
  }
}

/** Of a file, its path is enough. */
function describe({ field, from, to }: Change): string | undefined {
  const text = [from ?? 'none', to ?? 'none'].join(' → ');
  return text.includes('\n') || field.startsWith('/') ? undefined : `${field} ${text}`;
}
