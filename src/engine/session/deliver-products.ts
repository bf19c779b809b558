import { LvslabError } from '../model/failures/errors.ts';
import { type Connection } from '../model/connection.ts';
import { type EngineContext } from '../model/engine-context.ts';
import { readingLimitMs } from '../host/limits.ts';
import { type PlannedPlay } from '../model/plan.ts';
import { type Product } from '../model/resource.ts';

/**
 * Hands on what the changes of a play have made for other hosts. Whoever waits for it is told in any case, also that there
 * is none; what goes wrong with it is no failure of the host, which has its own.
 * @param finished ids of the resources that were changed.
 */
export async function deliverProducts(
  connection: Connection,
  {
    play: { steps },
    finished,
  }: { readonly play: PlannedPlay; readonly finished: ReadonlySet<string> },
  { signal }: Pick<EngineContext, 'signal'>,
): Promise<void> {
  for (const { resource } of steps) {
    const { id, product } = resource;
    if (product?.isAwaited() !== true) continue;
    await product.deliver(
      finished.has(id) ? await printed(connection, product, signal) : undefined,
    );
  }
}

async function printed(
  connection: Connection,
  { script, maxBytes }: Product,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await connection.run(script, {
      silenceMs: readingLimitMs(connection.pace),
      maxOutputBytes: maxBytes,
      signal,
    });
    return exitCode === 0 ? stdout : undefined;
  } catch (error) {
    if (error instanceof LvslabError) return undefined;
    throw error;
  }
}
