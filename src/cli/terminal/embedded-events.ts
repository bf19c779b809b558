import { type LabEvent, type ReportLabEvent } from '../../embedded/lab/lab-event.ts';
import { type TaskEvent } from '../../engine/model/events.ts';
import { type Screen } from './screen.ts';

/** Shows what the embedded lab does through the reporter, with the time that each piece of work took. */
export function reportTo({ reporter, reporting }: Screen): ReportLabEvent {
  const began = new Map<string, number>();
  const ended = (
    subject: Parameters<typeof taskOf>[0],
  ): Pick<TaskEvent, 'task' | 'milliseconds'> => {
    const task = taskOf(subject);
    const since = began.get(task);
    // What was never said to begin, as what a look finds done already, has taken no time that is known.
    return { task, ...(since !== undefined && { milliseconds: reporting.now() - since }) };
  };
  return (event) => {
    switch (event.type) {
      case 'choice':
        reporter.say(`${event.about}: ${event.chosen} (${event.reason})`);
        return;
      case 'warning':
        reporter.say(event.host === undefined ? event.text : `${event.host}: ${event.text}`);
        return;
      case 'started':
        began.set(taskOf(event), reporting.now());
        reporter.task({ task: taskOf(event), state: 'started' });
        return;
      case 'progress':
        reporter.task({ task: taskOf(event), state: 'progress', ...howFar(event) });
        return;
      case 'stopped':
        reporter.task({ task: taskOf(event), state: 'progress', text: 'stopped' });
        return;
      case 'failed':
        reporter.task({ ...ended(event), state: 'failed', text: event.text });
        return;
      case 'done': {
        const note = event.note === undefined ? {} : { text: event.note };
        reporter.task({ ...ended(event), state: 'finished', ...note });
      }
    }
  };
}

function howFar({
  text,
  fraction,
}: Pick<LabEvent & { readonly type: 'progress' }, 'text' | 'fraction'>): Pick<
  TaskEvent,
  'text' | 'fraction'
> {
  return fraction === undefined ? { text } : { text, fraction };
}

function taskOf({ step, host }: { readonly step: string; readonly host?: string }): string {
  return host === undefined ? step : `${host}: ${step}`;
}
