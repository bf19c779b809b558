import { PlaybookError } from './engine/model/failures/errors.ts';
import { type Play, type Playbook } from './engine/model/play.ts';
import { type Facts } from './platforms/facts/facts.ts';
import { type SharedBuilds } from './resources/nginx/shared-builds.ts';
import { type Downloads } from './resources/nginx/source-tarball.ts';
import { type Platform } from './platforms/platform.ts';
import { type Director, type Lab, type RealServer } from './lab/lab.ts';
import { type Mode } from './lab/modes/mode.ts';
import { type ModeName, modes } from './lab/modes/modes.ts';

/** What a play knows when it says which resources one host shall have. */
export interface PlayContext {
  /** The inventory name of the host. */
  readonly name: string;
  readonly lab: Lab;
  readonly platform: Platform;
  readonly facts: Facts;
  /** What lvslab downloads onto this machine before it goes to a host. */
  readonly downloads: Downloads;
  /** The nginx that the real servers of the lab give each other; not set where there is no safe place to keep it. */
  readonly builds?: SharedBuilds;
}

/** A play of a lab. */
export interface LabPlay extends Play<PlayContext> {
  /** The modes that it is for; not set, it is for all of them. */
  readonly modes?: readonly ModeName[];
}

/** The plays of a lab, in order. */
export interface LabPlaybook extends Playbook<PlayContext> {
  readonly plays: readonly LabPlay[];
}

/** A playbook: the plays of a lab, in order. */
export function definePlaybook(playbook: LabPlaybook): LabPlaybook {
  return playbook;
}

/** A play: the resources that each host of a group shall have. */
export function definePlay(play: LabPlay): LabPlay {
  return play;
}

/**
 * The playbook for a lab of these modes: without the plays that are for others only, and nothing waits for those.
 * @throws PlaybookError where a play is for a mode that there isn't.
 */
export function playbookFor(
  used: readonly Pick<Mode, 'name'>[],
  playbook: LabPlaybook,
): LabPlaybook {
  const known = modes.map(({ name }) => name);
  for (const play of playbook.plays) {
    const wrong = play.modes?.find((name) => !known.includes(name));
    if (wrong === undefined) continue;
    throw new PlaybookError(`play '${play.name}' is for the mode '${wrong}', which there isn't`, {
      hint: `Name one of these in its 'modes': ${known.join(', ')}.`,
    });
  }
  const plays = playbook.plays.filter(
    (play) =>
      play.modes === undefined ||
      play.modes.some((name) => used.some((mode) => mode.name === name)),
  );
  const names = new Set(plays.map(({ name }) => name));
  return {
    ...playbook,
    plays: plays.map((play) =>
      play.after === undefined
        ? play
        : { ...play, after: play.after.filter((other) => names.has(other)) },
    ),
  };
}

/** The addresses that the clients of a lab ask, each once, IPv4 dotted. */
export function virtualAddresses({ services }: Pick<Lab, 'services'>): readonly string[] {
  return [...new Set(services.map(({ address }) => address))];
}

/**
 * The director that a host is in its lab.
 * @throws PlaybookError when it is none.
 */
export function directorOf({ name, lab }: Pick<PlayContext, 'name' | 'lab'>): Director {
  const found = lab.directors.find((director) => director.name === name);
  if (found !== undefined) return found;
  throw new PlaybookError(`${name} is no director of this lab`, {
    host: name,
    hint: "Write `hosts: 'director'` in plays that ask for it.",
  });
}

/**
 * The real server that a host is in its lab.
 * @throws PlaybookError when it is none.
 */
export function realServerOf({ name, lab }: Pick<PlayContext, 'name' | 'lab'>): RealServer {
  const found = lab.realServers.find((server) => server.name === name);
  if (found !== undefined) return found;
  throw new PlaybookError(`${name} is no real server of this lab`, {
    host: name,
    hint: "Write `hosts: 'real_servers'` in plays that ask for it.",
  });
}
