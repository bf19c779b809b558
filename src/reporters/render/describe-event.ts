import { type EngineEvent } from '../../engine/model/events.ts';
import { countNoun } from '../text/count-noun.ts';
import { formatDuration } from '../text/format-duration.ts';

type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { readonly type: Type }>;

const DESCRIPTIONS: {
  readonly [Type in EngineEvent['type']]: (event: EventOf<Type>) => string;
} = {
  connecting: () => 'connecting',
  observing: ({ resources }) => `reading the state of ${countNoun(resources, 'resource')}`,
  observed: ({ changes }) => (changes === 0 ? 'as it should be' : `${changes} to change`),
  'play-started': ({ play, steps }) => `${play}: ${countNoun(steps, 'step')}`,
  uploading: ({ play, path }) => `${play}: uploading ${path.slice(path.lastIndexOf('/') + 1)}`,
  'step-started': ({ play, step, index, total }) => `${play} ${index}/${total}: ${step}`,
  'step-progress': ({ play, step, done, total }) => `${play}: ${step}: ${percentage(done / total)}`,
  'step-finished': ({ play, step, milliseconds }) =>
    `${play}: ${step}: done in ${formatDuration(milliseconds)}`,
  'step-confirming': ({ play, step, seconds }) =>
    `${play}: ${step}: stays if a new connection can be made within ${seconds} s`,
  reconnecting: ({ reason }) => `${reason}: connecting again`,
  reconnected: () => 'connected again',
  'step-followed': ({ play, step, index, total }) =>
    `${play} ${index}/${total}: ${step} goes on, and is followed`,
  'job-found': describeFoundJob,
  'play-finished': ({ play }) => `${play}: done`,
  'play-skipped': ({ play, reason }) => `${play}: skipped, because ${reason}`,
  proving: () => 'reading the state again, as proof',
  proved: ({ remaining }) =>
    remaining === 0 ? 'proved: nothing left to change' : `${remaining} not as they should be`,
  notice: ({ text }) => text,
  'host-failed': ({ error }) => `failed: ${error.message}`,
};

/** What an event says, in a few words for people and without its host. */
export function describeEvent(event: EngineEvent): string {
  // The table above gives every type its own event; TypeScript can't follow that through the lookup.
  return (DESCRIPTIONS[event.type] as (event: EngineEvent) => string)(event);
}

function describeFoundJob(event: EventOf<'job-found'>): string {
  const { owner, controller, since, isOrphaned, play, state, done, total, step, reason } = event;
  const whose = isOrphaned
    ? `the orphaned job that ${owner} on ${controller} began at ${since}`
    : `${owner} on ${controller} is changing this host since ${since}`;
  const during = step === undefined ? '' : ` during ${step}`;
  const how = {
    running: `goes on${step === undefined ? '' : `, ${step} is running`}`,
    done: 'went on to its end',
    failed: `ended when ${step ?? 'a step'} failed: ${reason ?? 'unknown why'}`,
    stopped: 'was stopped between two steps',
    killed: `was killed${during}`,
    rebooted: `was cut off${during} when the host was rebooted`,
  }[state];
  return `${whose}: '${play}' ${how}; ${done} of ${countNoun(total, 'step')} done`;
}

/** '63 %'; whole, and never beyond 0 and 100. */
export function percentage(fraction: number): string {
  const bounded = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
  return `${Math.floor(bounded * 100)} %`;
}
