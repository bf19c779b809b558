import { PlaybookError } from './engine/model/errors.ts';
import { type Play, type Playbook } from './engine/model/play.ts';
import { type Facts } from './platforms/facts.ts';
import { type Downloads } from './resources/nginx/source-tarball.ts';
import { type Platform } from './platforms/platform.ts';
import { type Lab, type RealServer } from './lab/lab.ts';

/** What a play knows when it says which resources one host shall have. */
export interface PlayContext {
  /** The inventory name of the host. */
  readonly name: string;
  readonly lab: Lab;
  readonly platform: Platform;
  readonly facts: Facts;
  /** What lvslab downloads onto this machine before it goes to a host. */
  readonly downloads: Downloads;
}

/** A playbook: the plays of a lab, in order. */
export function definePlaybook(playbook: Playbook<PlayContext>): Playbook<PlayContext> {
  return playbook;
}

/** A play: the resources that each host of a group shall have. */
export function definePlay(play: Play<PlayContext>): Play<PlayContext> {
  return play;
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
