import { type Host } from '../../inventory/inventory.ts';
import { type Answers, type HostKey, hostName } from '../answers/answers.ts';
import { checkAnswer } from '../answers/check-answer.ts';
import { askToLeave } from '../leaving.ts';
import { ProbedHosts } from '../probed-hosts.ts';
import {
  BACK,
  type FoundHost,
  type ProblemOf,
  type Prompt,
  type Question,
  type QuestionContext,
} from './question.ts';
import { answered, type Next, nextOn, type Walk, wentBack, without } from '../walk.ts';

/** How the attempt to probe a host ended. */
export type ProbeOutcome =
  | { readonly ok: true; readonly found: FoundHost }
  /** Why it could not be probed, and what to do. */
  | { readonly ok: false; readonly problem: string };

/** Whom the interview speaks with. */
export interface InterviewContext {
  /** Asks a person; BACK when they want the question before. */
  readonly ask: (prompt: Prompt, problemOf: ProblemOf) => Promise<unknown>;
  readonly tell: (text: string) => Promise<void>;
  /** Logs in to a host and probes it; left out where no host is to be logged in to. */
  readonly probe?: (host: Host) => Promise<ProbeOutcome>;
  /** Told of every answer, and of every one that is taken back. */
  readonly keep?: (walk: Walk) => Promise<void>;
}

const LOGIN_ANSWERS = ['user', 'method', 'key_file', 'password', 'sudo_password'];

/** Asks a person for all that is not known yet, and probes each host as soon as it is known how. */
export class Interview {
  readonly #questionContext: Omit<QuestionContext, 'found' | 'logsIn' | 'given'>;
  readonly #context: InterviewContext;
  readonly #probed = new ProbedHosts();
  #walk: Walk;

  constructor(
    walk: Walk,
    questionContext: Omit<QuestionContext, 'found' | 'logsIn' | 'given'>,
    context: InterviewContext,
  ) {
    this.#walk = walk;
    this.#questionContext = questionContext;
    this.#context = context;
  }

  /**
   * Goes on to the end of the questions, and returns the answers to all of them.
   * @throws CancelledError when the person leaves
   */
  async run(): Promise<Answers> {
    for (;;) {
      const next = nextOn(this.#walk, this.#contextNow());
      const key = this.#hostToSee(next);
      if (key !== undefined) await this.#see(key);
      else if (next.kind === 'end') return this.#walk.answers;
      else if (next.kind === 'take') this.#walk = next.walk;
      else await this.#ask(next.question);
    }
  }

  /**
   * Takes back the last answer, so that `run` asks for it again; from the first question, asks whether to leave.
   * @throws CancelledError when the person leaves
   */
  async back(): Promise<void> {
    const earlier = wentBack(this.#walk);
    if (earlier !== undefined) await this.#go(earlier);
    else await askToLeave(this.#context.ask);
  }

  #contextNow(): QuestionContext {
    const { answers, given } = this.#walk;
    return {
      ...this.#questionContext,
      given: new Set(given.keys()),
      found: this.#probed.found(answers),
      logsIn: this.#context.probe !== undefined,
    };
  }

  /** A host whose address was just answered, or the one that a question is about: once the login is known. */
  #hostToSee(next: Next): HostKey | undefined {
    if (this.#context.probe === undefined) return undefined;
    if (next.kind !== 'end' && next.question.name.startsWith('login.')) return undefined;
    const { answers, trail } = this.#walk;
    const addressed = trail
      .map(({ name }) => (name.endsWith('.address') ? hostKeyOf(name) : undefined))
      .find((key) => key !== undefined && this.#probed.isUnseen(key, answers));
    const asked =
      next.kind === 'ask' ? (next.question.about ?? hostKeyOf(next.question.name)) : undefined;
    const key = addressed ?? asked;
    return key !== undefined && this.#probed.isUnseen(key, answers) ? key : undefined;
  }

  async #ask(question: Question): Promise<void> {
    const { ask, tell } = this.#context;
    const { note, probesAgain } = question;
    if (note !== undefined) await tell(note);
    const { answers } = this.#walk;
    const problemOf: ProblemOf = (given) => {
      if (given === '' && probesAgain !== undefined) return undefined;
      const checked = checkAnswer(question, given, answers);
      return checked.ok ? undefined : checked.problem;
    };
    const given = await ask(question, problemOf);
    if (given === BACK) await this.back();
    else if (given === '' && probesAgain !== undefined) this.#probed.forget(probesAgain);
    else await this.#take(question, given);
  }

  async #take(question: Question, given: unknown): Promise<void> {
    const checked = checkAnswer(question, given, this.#walk.answers);
    if (!checked.ok) await this.#context.tell(checked.problem);
    else await this.#go(answered(this.#walk, question, checked.value));
  }

  async #go(walk: Walk): Promise<void> {
    this.#walk = walk;
    await this.#context.keep?.(walk);
  }

  async #see(key: HostKey): Promise<void> {
    const { probe, tell, ask } = this.#context;
    const { answers } = this.#walk;
    const host = this.#probed.host(key, answers);
    if (probe === undefined || host === undefined) return;
    await tell(`Probing ${host.name} …`);
    const result = await probe(host);
    if (result.ok) {
      this.#probed.note(key, answers, result.found);
      await tell(describeHost(host.name, result.found));
      return;
    }
    await tell(result.problem);
    await this.#goOnUnseen(key, await ask(afterFailure(hostName(answers, key)), () => undefined));
  }

  async #goOnUnseen(key: HostKey, what: unknown): Promise<void> {
    const address = `${key}.address`;
    if (what === 'unseen') this.#probed.note(key, this.#walk.answers, undefined);
    if (what === 'login') {
      await this.#go(
        without(
          this.#walk,
          LOGIN_ANSWERS.map((name) => `login.${name}`),
        ),
      );
    }
    if (what === BACK || (what === 'address' && this.#walk.trail.at(-1)?.name === address))
      await this.back();
    else if (what === 'address') await this.#go(without(this.#walk, [address]));
  }
}

/** The host that a question is about. */
function hostKeyOf(name: string): HostKey | undefined {
  const [key] = /^(director|real_servers\.\d+|client)(?=\.)/.exec(name) ?? [];
  return key as HostKey | undefined;
}

function describeHost(name: string, { system, nics, warnings }: FoundHost): string {
  const found = nics.map(({ device, addresses }) =>
    addresses.length === 0 ? `${device} without an address` : `${device} ${addresses.join(', ')}`,
  );
  return [`${name}: ${[system, ...found].join('; ')}`, ...warnings].join('\n');
}

function afterFailure(host: string): Prompt {
  return {
    kind: 'select',
    message: `What now with ${host}`,
    default: 'again',
    choices: [
      { value: 'again', label: 'try again' },
      { value: 'address', label: 'type its address again' },
      { value: 'login', label: 'log in in another way' },
      { value: 'unseen', label: 'go on without having seen it' },
    ],
  };
}
