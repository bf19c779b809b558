import { cancelled } from '../../engine/model/failures/cancellation.ts';
import { type Host } from '../../inventory/inventory.ts';
import { type Answers } from '../../wizard/answers/answers.ts';
import { describeDraft, draftOf, walkFrom } from '../../wizard/inventory/draft.ts';
import { Interview, type ProbeOutcome } from '../../wizard/questions/interview.ts';
import { askToLeave } from '../../wizard/leaving.ts';
import { BACK, type QuestionContext } from '../../wizard/questions/question.ts';
import { nextOn, type Walk, walkWith } from '../../wizard/walk.ts';
import { type Passphrases } from '../secrets/passphrases.ts';
import { type Screen } from '../terminal/screen.ts';
import { keepDraft, readDraft } from './draft-file.ts';
import { probeNewHost } from './probe-new-host.ts';
import { type Questions } from './questions.ts';

type GivenContext = Pick<QuestionContext, 'schedulers' | 'ownAddresses' | 'cloudUsers'>;

/** What an interview starts with. */
export interface InterviewStart {
  /** Answers that were given beforehand. */
  readonly given: Answers;
  readonly context: GivenContext;
  /** Whether hosts are logged in to. */
  readonly probe: boolean;
  readonly passphrases: Passphrases;
}

/** An interview with the person at the terminal, which goes on with the last draft if they want that. */
export async function openInterview(
  { given, context, probe, passphrases }: InterviewStart,
  questions: Questions,
  screen: Screen,
): Promise<{ readonly interview: Interview; readonly isAsking: boolean }> {
  const fresh = walkWith({ given });
  const isAsking = hasQuestions(fresh, context);
  const walk = isAsking ? await offerDraft(fresh, questions) : fresh;
  if (isAsking) {
    await questions.tell(
      'Enter takes what stands in brackets. < or Esc goes back to the question before. Ctrl-C leaves; the answers are kept for the next time.',
    );
  }
  let isKept = true;
  const interview = new Interview(walk, context, {
    ...questions,
    keep: async (now) => {
      const problem = isKept ? await keepDraft(draftOf(now, Date.now())) : undefined;
      if (problem === undefined) return;
      isKept = false;
      await questions.tell(`No draft of the answers is kept: ${problem}`);
    },
    ...(probe && { probe: async (host) => await probeUnlessStopped(host, passphrases, screen) }),
  });
  return { interview, isAsking };
}

function hasQuestions(start: Walk, context: GivenContext): boolean {
  const given = new Set(start.given.keys());
  let walk = start;
  for (;;) {
    const next = nextOn(walk, { ...context, given, found: new Map(), logsIn: false });
    if (next.kind !== 'take') return next.kind === 'ask';
    walk = next.walk;
  }
}

async function offerDraft(fresh: Walk, { ask, tell }: Questions): Promise<Walk> {
  const draft = await readDraft();
  if (draft === undefined) return fresh;
  const when = new Date(draft.keptAt).toLocaleString('sv').slice(0, 16);
  await tell(`A lab was left half described: ${describeDraft(draft)}.`);
  const message = `Go on with the answers of ${when}?`;
  for (;;) {
    const answer = await ask({ kind: 'confirm', message, default: true }, () => undefined);
    if (answer !== BACK) return answer === true ? walkFrom(draft, fresh.given) : fresh;
    await askToLeave(ask);
  }
}

/** Ctrl-C does not wait for a host that says nothing. */
async function probeUnlessStopped(
  host: Host,
  passphrases: Passphrases,
  screen: Screen,
): Promise<ProbeOutcome> {
  const { signal } = screen;
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      reject(cancelled(signal, { step: 'init', host: host.name }));
    };
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([probeNewHost(host, passphrases, screen), stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
