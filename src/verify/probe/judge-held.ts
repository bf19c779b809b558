import { type ProbeEvent } from './probe-log.ts';
import { type BrokenConnection, type ProbeReport } from './probe-report.ts';

type HeldEvent = Extract<ProbeEvent, { readonly held: number }>;

/** A connection on which nothing is heard for so long is lost to whoever uses it. */
const SILENCE_MS = 5000;

/**
 * Which of the held connections broke: the other end closed them, or said nothing more. One that this end has finished is
 * not broken, and one that was never answered was not open. Pure.
 */
export function judgeHeld(
  events: readonly ProbeEvent[],
  end: number,
): Pick<ProbeReport, 'held' | 'broken'> {
  const own = events.filter((event): event is HeldEvent => 'held' in event);
  const numbers = [...new Set(own.map(({ held }) => held))];
  const answered = numbers.filter((held) =>
    own.some((event) => event.held === held && event.type === 'answered'),
  );
  const broken = numbers.flatMap((held) => {
    const of = own.filter((event) => event.held === held).toSorted((a, b) => a.at - b.at);
    return brokenAmong(of, { held, end });
  });
  return { held: answered.length, broken: broken.toSorted((a, b) => a.at - b.at) };
}

function brokenAmong(
  events: readonly HeldEvent[],
  { held, end }: { readonly held: number; readonly end: number },
): readonly BrokenConnection[] {
  const broken: BrokenConnection[] = [];
  let life: Life = NEW_LIFE;
  for (const { type, at } of events) {
    if (isSilent(life, at)) {
      broken.push({ held, at: Math.round(life.askedAt ?? at), how: 'silent' });
      life = { ...life, isOver: true };
    }
    if (type === 'closed') {
      if (life.isOpen && !life.isOver) broken.push({ held, at: Math.round(at), how: 'closed' });
      life = NEW_LIFE;
    } else {
      life = after(life, type, at);
    }
  }
  if (isSilent(life, end))
    broken.push({ held, at: Math.round(life.askedAt ?? end), how: 'silent' });
  return broken;
}

/** One connection, from when it is opened. */
interface Life {
  /** It was answered once. */
  readonly isOpen: boolean;
  /** This end has finished it, or it is known for broken. */
  readonly isOver: boolean;
  /** When it was asked what is not answered yet. */
  readonly askedAt?: number;
}

const NEW_LIFE: Life = { isOpen: false, isOver: false };

function after(life: Life, type: HeldEvent['type'], at: number): Life {
  if (type === 'answered') return { isOpen: true, isOver: life.isOver };
  if (type === 'finished') return { ...life, isOver: true };
  return { ...life, askedAt: life.askedAt ?? at };
}

function isSilent({ isOpen, isOver, askedAt }: Life, now: number): boolean {
  return isOpen && !isOver && askedAt !== undefined && now - askedAt > SILENCE_MS;
}
