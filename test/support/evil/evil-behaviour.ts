import { type Connection } from 'ssh2';
import { type EvilSession, type Manners } from './evil-server.ts';

/** The commands that connect to hosts which somebody else may own. */
export const commands = [
  ...(['plan', 'apply', 'verify', 'drill', 'teardown', 'reprovision', 'unlock'] as const),
  ...(['export', 'doctor', 'init'] as const),
] as const;

export type Command = (typeof commands)[number];

/** One way of being evil, and what comes of it. */
export interface Behaviour {
  /** What the host does. */
  readonly name: string;
  readonly manners: Manners;
  /** For docs/faults.md: what lvslab does. */
  readonly answer: string;
  /** Those that get as far as to meet it. */
  readonly against: readonly Command[];
  /** lvslab has to wait for its own limit of time. */
  readonly isSlow?: true;
  /** Nothing need fail: what the host says is odd, but no harm, or it is believed as it would be from anybody. */
  readonly isHarmless?: true;
  /** Locks are taken on all hosts or on none, so the other host isn't changed either. */
  readonly stopsAll?: true;
  /** The key of the host is not the known one. */
  readonly key?: 'changed' | 'changed, and not to be checked';
  /** A part of the quick selection. */
  readonly isQuick?: true;
}

const CHANGING: readonly Command[] = ['apply', 'teardown', 'reprovision'];
/** The commands that read a host's journal, and what runs there. */
export const PLANNING: readonly Command[] = ['plan', 'export', ...CHANGING];
/** Of these, the ones that get furthest with the least. */
export const OBSERVING: readonly Command[] = ['plan', 'apply', 'teardown'];

/** What lvslab does, in the words of docs/faults.md. */
export const GIVES_UP = 'gives the host up when its time is over, and says what it waited for';
export const AT_ONCE = 'the host fails at once';
export const LIMIT = 'stops reading at a limit, ends the session, and the host fails';
export const NOT_BELIEVED =
  'what has another shape than expected counts as damaged, or the host fails';
export const SHOWN = 'shows it with its control characters made harmless';

/** Says nothing and keeps the session open. */
export const silent = ({ channel }: EvilSession): void => {
  channel.write('');
};
/** Ends the connection. */
export const hangUp = ({ client }: { readonly client: Connection }): void => {
  client.end();
};
