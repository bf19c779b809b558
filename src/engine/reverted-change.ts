import { type Connection } from './connection.ts';
import { LvslabError, RevertedError } from './errors.ts';
import { observe } from './observe.ts';
import { type PlannedStep } from './plan.ts';
import { type Change } from './resource.ts';

/**
 * The error for a change that the host has taken back: what was tried, why it did not stay, and, as read on the host,
 * whether all is as it was before.
 */
export async function revertedError(
  { resource, from, changes }: PlannedStep,
  {
    connection,
    reason,
    cause,
    nonce,
    hint = 'Correct the address, prefix, gateway or device in the inventory, then run the command again.',
  }: {
    readonly connection: Connection;
    readonly reason: string;
    readonly cause?: unknown;
    readonly hint?: string;
    readonly nonce: string;
  },
): Promise<RevertedError> {
  const tried = changes.map(describe).filter((text) => text !== undefined);
  const { host } = connection;
  const left = await differencesLeft({ connection, nonce, step: { resource, from, changes } });
  const state =
    left.length === 0
      ? 'and is as it was before'
      : `but not all is as it was before: ${left.join(', ')}`;
  return new RevertedError(
    `${reason}; the host has taken the change back by itself, ${state} (tried: ${tried.join('; ')})`,
    { host, step: resource.id, cause, hint },
  );
}

async function differencesLeft({
  connection,
  nonce,
  step: { resource, from },
}: {
  readonly connection: Connection;
  readonly nonce: string;
  readonly step: Pick<PlannedStep, 'resource' | 'from' | 'changes'>;
}): Promise<readonly string[]> {
  try {
    const now = (await observe(connection, [resource], nonce)).get(resource.id);
    if (now === undefined || now.kind === 'unknown') return [now?.reason ?? 'not read'];
    return resource.diff(now, from).map(({ field }) => field);
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
