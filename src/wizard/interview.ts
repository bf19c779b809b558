import { type Host } from '../inventory/inventory.ts';
import { type Answer, type Answers, type HostKey, hostName, secretOf } from './answers.ts';
import { checkAnswer } from './check-answer.ts';
import { draftInventory } from './draft-inventory.ts';
import { nextQuestion } from './next-question.ts';
import {
  type FoundHost,
  type ProblemOf,
  type Prompt,
  type Question,
  type Surroundings,
} from './question.ts';

/** How the attempt to look at a host ended. */
export type Look =
  | { readonly ok: true; readonly found: FoundHost }
  /** Why it could not be looked at, and what to do. */
  | { readonly ok: false; readonly problem: string };

/** Whom the interview speaks with. */
export interface Interlocutors {
  /** Asks a person. */
  readonly ask: (prompt: Prompt, problemOf: ProblemOf) => Promise<unknown>;
  readonly tell: (text: string) => Promise<void>;
  /** Logs in to a host and looks at it; left out where no host is to be logged in to. */
  readonly look?: (host: Host) => Promise<Look>;
}

/** Asks for all that is not answered yet, and looks at each host as soon as it is known how. */
export async function interview(
  given: Answers,
  surroundings: Omit<Surroundings, 'found' | 'logsIn'>,
  interlocutors: Interlocutors,
): Promise<Answers> {
  return await new Interview(given, surroundings, interlocutors).run();
}

const LOGIN_ANSWERS = ['user', 'method', 'key_file', 'password', 'sudo_password'];

class Interview {
  readonly #surroundings: Omit<Surroundings, 'found' | 'logsIn'>;
  readonly #interlocutors: Interlocutors;
  readonly #found = new Map<HostKey, FoundHost>();
  /** Hosts that need not be looked at any more. */
  readonly #seen = new Set<HostKey>();
  #answers: Answers;
  #toSee: HostKey | undefined;

  constructor(
    given: Answers,
    surroundings: Omit<Surroundings, 'found' | 'logsIn'>,
    interlocutors: Interlocutors,
  ) {
    this.#answers = given;
    this.#surroundings = surroundings;
    this.#interlocutors = interlocutors;
  }

  async run(): Promise<Answers> {
    for (;;) {
      const { answers, question } = nextQuestion(this.#answers, this.#around());
      const key = this.#hostToSee(question);
      if (key !== undefined) await this.#see(key);
      else {
        this.#answers = answers;
        if (question === undefined) return answers;
        await this.#ask(question);
      }
    }
  }

  #around(): Surroundings {
    const logsIn = this.#interlocutors.look !== undefined;
    return { ...this.#surroundings, found: this.#found, logsIn };
  }

  /** The host whose address was answered last, or the one that the question is about: once the login is known. */
  #hostToSee(question: Question | undefined): HostKey | undefined {
    if (this.#interlocutors.look === undefined) return undefined;
    if (question?.name.startsWith('login.') === true) return undefined;
    const key = this.#toSee ?? hostKeyOf(question);
    if (key === undefined || this.#seen.has(key)) return undefined;
    return this.#answers.has(`${key}.address`) ? key : undefined;
  }

  async #ask(question: Question): Promise<void> {
    const { ask, tell } = this.#interlocutors;
    if (question.note !== undefined) await tell(question.note);
    const problemOf: ProblemOf = (given) => {
      if (given === '' && question.looksAgainAt !== undefined) return undefined;
      const checked = checkAnswer(question, given, this.#answers);
      return checked.ok ? undefined : checked.problem;
    };
    const given = await ask(question, problemOf);
    if (given === '' && question.looksAgainAt !== undefined) {
      this.#seen.delete(question.looksAgainAt);
      return;
    }
    const checked = checkAnswer(question, given, this.#answers);
    if (!checked.ok) await tell(checked.problem);
    else this.#take(question, checked.value);
  }

  #take({ name }: Question, value: Answer): void {
    this.#answers = new Map(this.#answers).set(name, value);
    const key = hostKeyOf({ name });
    if (key !== undefined && name === `${key}.address`) this.#toSee = key;
  }

  async #see(key: HostKey): Promise<void> {
    const { look, tell, ask } = this.#interlocutors;
    const host = this.#host(key);
    if (look === undefined || host === undefined) return;
    await tell(`Looking at ${host.name} …`);
    const result = await look(host);
    if (result.ok) {
      this.#found.set(key, result.found);
      this.#leave(key);
      await tell(describeHost(host.name, result.found));
      return;
    }
    await tell(result.problem);
    const next = await ask(afterFailure(host.name), () => undefined);
    if (next === 'unseen') this.#leave(key);
    if (next === 'address') this.#forget([`${key}.address`]);
    if (next === 'login') this.#forget(LOGIN_ANSWERS.map((name) => `login.${name}`));
  }

  #leave(key: HostKey): void {
    this.#seen.add(key);
    this.#toSee = undefined;
  }

  #forget(names: readonly string[]): void {
    this.#answers = new Map([...this.#answers].filter(([name]) => !names.includes(name)));
  }

  /** The host as the inventory will have it, and the passwords that the inventory won't have. */
  #host(key: HostKey): Host | undefined {
    const host = draftInventory(this.#answers).hosts.get(hostName(this.#answers, key));
    if (host === undefined) return undefined;
    const password = secretOf(this.#answers, 'login.password');
    const becomePassword = secretOf(this.#answers, 'login.sudo_password');
    const connection = {
      ...host.connection,
      ...(password !== undefined && { password }),
      ...(becomePassword !== undefined && { becomePassword }),
    };
    return { ...host, connection };
  }
}

/** The host that a question is about. */
function hostKeyOf(question: Pick<Question, 'name'> | undefined): HostKey | undefined {
  const [key] = /^(director|real_servers\.\d+|client)(?=\.)/.exec(question?.name ?? '') ?? [];
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
