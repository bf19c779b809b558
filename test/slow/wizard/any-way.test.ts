import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { labFrom } from '../../../src/lab/lab-from.ts';
import { type Answer, type Answers } from '../../../src/wizard/answers/answers.ts';
import { draftOf, parseDraft, walkFrom } from '../../../src/wizard/inventory/draft.ts';
import { Interview, type ProbeOutcome } from '../../../src/wizard/questions/interview.ts';
import { inventoryFrom } from '../../../src/wizard/inventory/inventory-from.ts';
import { BACK, type ProblemOf, type Prompt } from '../../../src/wizard/questions/question.ts';
import { type Walk, walkWith } from '../../../src/wizard/walk.ts';
import { loadText } from '../../support/inventory/load-inventory-text.ts';
import { questionContext } from '../../unit/wizard/given-answers.ts';

// Somebody who answers anything, right or wrong, goes back at any time, leaves and comes again.

/** What is typed at random, by what the question is about. */
const TYPED: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^User to log in/, ['root', 'eve', '-x']],
  [/^Where to log in to the director/, ['10.0.0.1', '10.1.0.1', 'gate', '10.0.0.2:2222', '']],
  [/^Where to log in to real server/, ['10.0.0.2', '10.0.0.3', '10.1.0.9', 'web', '10.0.0.1']],
  [/^Where to log in to the client/, ['10.1.0.50', '10.0.0.50', 'me@10.1.0.1', 'here', '10.0.0.2']],
  [/the DIP$/, ['10.0.0.1', '10.0.0.255', '10.7.0.1', '10.0.0.0', '127.0.0.1', '10.1.0.1']],
  [/the VIP$/, ['10.1.0.1', '10.0.0.7', '10.1.0.255', '10.1.0.50', '224.0.0.1', '10.0.0.1']],
  [/^Its address/, ['10.0.0.2', '10.0.0.3', '10.1.0.50', '10.1.0.51', '10.0.0.1', '10.1.0.0']],
  [/^Prefix length/, ['24', '8', '30', '16', '31']],
  [/^Port/, ['80', '8080', '0']],
  [/^How many/, ['2', '1', '3', '0']],
  [/weight$/, ['1', '0', '65536']],
  [/NIC towards the real/, ['eth1', 'eth0', 'lo', '']],
  [/NIC towards the clients/, ['eth0', 'eth1', '']],
  [/^Its NIC/, ['eth0', 'eth1', '-']],
  [/^Name in/, ['one', 'rs1', 'rs2', 'director']],
  [/^nginx release/, ['1.16.1', '1.22.1']],
  [/^Default gateway/, ['', '10.0.0.254', '10.0.0.1', 'x']],
  [/^SHA-256/, ['a'.repeat(64), 'b']],
  [/^Private key/, ['~/.ssh/key', '']],
  [/^Password/, ['hunter2', '']],
];

const LOOKS: readonly ProbeOutcome[] = [
  { ok: false, problem: 'no route' },
  ...[
    [['eth0', '10.0.0.2/24']],
    [['eth0'], ['eth1', '10.0.0.1/24']],
    [
      ['eth0', '10.1.0.9/16'],
      ['eth1', '10.0.0.9/8', '169.254.0.1/16'],
    ],
    [],
  ].map((nics): ProbeOutcome => {
    const found = nics.map(([device = '', ...addresses]) => ({ device, addresses }));
    return { ok: true, found: { system: 'CentOS', kernel: 'el7', nics: found, warnings: [] } };
  }),
];

/** What somebody types who wants a lab that works, and calls its hosts by names that nobody has typed before. */
const WANTED: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^Where to log in to the director/, ['the-director']],
  [/^Where to log in to real server/, ['first-server', 'second-server']],
  [/^Where to log in to the client/, ['the-client']],
  [/^Its address in the director/, ['10.0.0.2', '10.0.0.3']],
  [/^Its address in the network of the VIP/, ['10.1.0.50']],
  ...TYPED,
];

class Left extends Error {}

class OutOfIdeas extends Error {}

/** Answers at random as long as the numbers last; then, if they know what they want, goes back to the start and says that. */
class Person {
  walk: Walk | undefined;
  readonly #numbers: number[];
  readonly #leaves: boolean;
  readonly #isPurposeful: boolean;
  #wasAtStart = false;
  #asked = 0;

  constructor(
    numbers: readonly number[],
    { leaves, isPurposeful }: { readonly leaves: boolean; readonly isPurposeful: boolean },
  ) {
    this.#numbers = [...numbers];
    this.#leaves = leaves;
    this.#isPurposeful = isPurposeful;
  }

  readonly ask = async (prompt: Prompt, problemOf: ProblemOf): Promise<unknown> => {
    if (this.#asked++ > 1000) throw new Error(`no end: ${prompt.message}`);
    const isFirst = prompt.message.startsWith('There is no question before');
    if (this.#numbers.length === 0) {
      if (!this.#isPurposeful) throw new OutOfIdeas();
      this.#wasAtStart ||= isFirst;
      return isFirst ? false : this.#purposeful(prompt, problemOf);
    }
    if (this.#leaves && this.#take(40) === 0) throw new Left();
    if (isFirst) return false;
    return this.#take(6) === 0 ? BACK : this.#random(prompt, problemOf);
  };

  readonly probe = async (): Promise<ProbeOutcome> => {
    const look = LOOKS[this.#numbers.length === 0 ? 2 : this.#take(LOOKS.length)];
    if (look === undefined) throw new Error('there is no such look');
    return look;
  };

  readonly keep = async (walk: Walk): Promise<void> => {
    this.walk = walk;
  };

  #random({ kind, message, choices = [], default: usual }: Prompt, problemOf: ProblemOf): unknown {
    if (kind === 'confirm') return this.#take(2) === 0;
    if (kind === 'select') return choices[this.#take(choices.length)]?.value;
    const typed = [...(usual === undefined ? [] : [String(usual)]), ...wordsFor(message, TYPED)];
    for (let tries = 0; tries < 4; tries++) {
      const answer = typed[this.#take(typed.length)] ?? '';
      if (problemOf(answer) === undefined) return answer;
    }
    return BACK;
  }

  #purposeful({ kind, message, choices = [] }: Prompt, problemOf: ProblemOf): unknown {
    if (!this.#wasAtStart) return BACK;
    if (kind === 'confirm') return false;
    const words = wordsFor(message, WANTED);
    if (kind === 'select') {
      const values = choices.map(({ value }) => value);
      return words.find((word) => values.includes(word)) ?? values[0];
    }
    const answer = words.find((word) => problemOf(word) === undefined);
    if (answer === undefined) throw new Error(`no answer to: ${message}`);
    return answer;
  }

  #take(below: number): number {
    return (this.#numbers.shift() ?? 0) % below;
  }
}

function wordsFor(message: string, all: typeof TYPED): readonly string[] {
  return all.find(([pattern]) => pattern.test(message))?.[1] ?? ['x'];
}

/** Speaks with the person until there is an inventory, however often they leave. */
async function outcome(person: Person, given: Answers, probes: boolean): Promise<Answers> {
  let walk = walkWith({ given });
  for (;;) {
    const { ask, keep, probe } = person;
    const others = { ask, keep, tell: () => Promise.resolve() };
    const interview = new Interview(
      walk,
      questionContext(),
      probes ? { ...others, probe } : others,
    );
    try {
      return await interview.run();
    } catch (error) {
      if (!(error instanceof Left)) throw error;
      if (person.walk === undefined) continue;
      const draft = parseDraft(JSON.stringify(draftOf(person.walk, 0)));
      if (draft === undefined) throw new Error('the draft is lost', { cause: error });
      walk = walkFrom(draft, given);
    }
  }
}

const numbers = fc.array(fc.nat(), { maxLength: 200, size: 'max' });

const someGiven = fc
  .subarray<readonly [string, Answer]>([
    ['vip', '10.0.0.9'],
    ['prefix', 8],
    ['director.dip', '10.1.0.255'],
    ['director.dip_interface', 'eth7'],
    ['real_servers.count', 2],
    ['real_servers.1.rip', '10.0.0.1'],
    ['client.cip', '10.0.0.5'],
    ['scheduler', 'mh'],
  ])
  .map((given): Answers => new Map(given));

async function expectLab(answers: Answers): Promise<void> {
  const inventory = await loadText({ hosts: inventoryFrom(answers) });
  expect(() => labFrom(inventory)).not.toThrow();
}

test('whatever is answered, in whatever order, it ends, and in a lab that holds', async () => {
  await fc.assert(
    fc.asyncProperty(numbers, fc.boolean(), fc.boolean(), async (script, leaves, probes) => {
      const person = new Person(script, { leaves, isPurposeful: true });
      await expectLab(await outcome(person, new Map(), probes));
    }),
    { numRuns: 40 },
  );
});

test('answers that were given beforehand, and contradict each other, change nothing of that', async () => {
  await fc.assert(
    fc.asyncProperty(numbers, someGiven, fc.boolean(), async (script, given, leaves) => {
      const person = new Person(script, { leaves, isPurposeful: false });
      try {
        await expectLab(await outcome(person, given, true));
      } catch (error) {
        if (!(error instanceof OutOfIdeas)) throw error;
      }
    }),
    { numRuns: 40 },
  );
});
