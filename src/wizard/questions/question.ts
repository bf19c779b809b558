import { type z } from 'zod';

import { type Answer, type HostKey } from '../answers/answers.ts';

/** One of the answers to choose from. */
interface Choice {
  readonly value: string;
  readonly label: string;
  /** Shown below the list while the choice is under the cursor. */
  readonly description?: string;
}

/** What is shown of a question, and how it is answered. */
export interface Prompt {
  readonly kind: 'input' | 'select' | 'confirm' | 'password';
  readonly message: string;
  readonly default?: Answer;
  /** For the kind 'select'. */
  readonly choices?: readonly Choice[];
}

/** What is returned in place of an answer by somebody who wants the question before. */
export const BACK = Symbol('the question before');

/** Tells why an answer can't be taken. */
export type ProblemOf = (given: unknown) => string | undefined;

/** One question, with all that is needed to ask it, to check its answer and to do without asking. */
export interface Question extends Prompt {
  readonly name: string;
  readonly schema: z.ZodType<Answer>;
  /** Completes "NAME must be …". */
  readonly expected: string;
  /** Tells why an answer that has the right form can't be one beside what was found, in words that follow "NAME: ". */
  readonly rule?: (value: Answer) => string | undefined;
  /** The host that has to have been probed before it is asked, where its name doesn't tell. */
  readonly about?: HostKey;
  /** What to answer elsewhere by those who have no answer to this. */
  readonly instead?: string;
  /** Its default is taken without asking, unless that can't be. */
  readonly quiet?: true;
  /** What to know before answering. */
  readonly note?: string;
  /** No answer means: probe this host again, it was changed meanwhile. */
  readonly probesAgain?: HostKey;
}

/** A NIC that was found on a host. */
export interface FoundNic {
  readonly device: string;
  /** IPv4 with prefix length: '192.168.2.130/24'. */
  readonly addresses: readonly string[];
}

/** What was found on a host. */
export interface FoundHost {
  /** The operating system, for people. */
  readonly system: string;
  /** As the lists of schedulers call its kernel: 'el7'; not set where it is none of those. */
  readonly kernel?: string;
  readonly nics: readonly FoundNic[];
  /** TCP ports that an nginx holds which somebody started by hand. */
  readonly handStartedNginx?: readonly number[];
  /** What will keep it from its part in the lab, and what to do. */
  readonly warnings: readonly string[];
}

/** What the questions depend on beside the answers. */
export interface QuestionContext {
  readonly schedulers: readonly {
    readonly name: string;
    readonly description: string;
    /** Where the kernel has it. */
    readonly kernels: readonly string[];
  }[];
  /** Names of the answers that were given beforehand. */
  readonly given: ReadonlySet<string>;
  /** IPv4 addresses of this machine. */
  readonly ownAddresses: readonly string[];
  /** Who logs in to the images of clouds, where root is sent away: the system's name, and the user's. */
  readonly cloudUsers: readonly { readonly system: string; readonly user: string }[];
  readonly found: ReadonlyMap<HostKey, FoundHost>;
  /** Whether hosts are logged in to; passwords are needed for nothing else. */
  readonly logsIn: boolean;
}
