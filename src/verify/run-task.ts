import { type EmitTask } from '../engine/model/events.ts';

/** How a verification tells what it is doing. */
export interface TaskReporting {
  readonly emit: EmitTask;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/** Does one piece of work and tells of its beginning, its progress and its end. */
export async function runTask<T>(
  task: string,
  { emit, now }: TaskReporting,
  work: (progress: (text: string) => void) => Promise<T>,
): Promise<T> {
  const began = now();
  emit({ task, state: 'started' });
  try {
    const result = await work((text) => {
      emit({ task, state: 'progress', text });
    });
    emit({ task, state: 'finished', milliseconds: now() - began });
    return result;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    emit({ task, state: 'failed', text, milliseconds: now() - began });
    throw error;
  }
}
