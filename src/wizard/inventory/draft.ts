import { z } from 'zod';

import { type Answers } from '../answers/answers.ts';
import { type Offer, type Walk, walkWith } from '../walk.ts';

const answer = z.union([z.string().max(4096), z.number(), z.boolean()]);
const answers = z.record(z.string().max(100), answer);

const schema = z.object({
  version: z.literal(1),
  /** When it was kept, in milliseconds since 1970. */
  keptAt: z.number(),
  given: answers,
  said: answers,
  offers: z.record(z.string().max(100), z.object({ value: answer, isDefault: z.boolean() })),
});

/** The answers of a lab that was left half described; no password is among them. */
export type Draft = z.infer<typeof schema>;

/** The draft of a walk. */
export function draftOf(walk: Walk, keptAt: number): Draft {
  const said = walk.trail.flatMap(({ name }): [string, unknown][] => {
    const value = walk.answers.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    version: 1,
    keptAt,
    given: withoutSecrets(walk.given),
    said: withoutSecrets([...walk.drafted, ...said]),
    offers: Object.fromEntries(
      [...walk.offers].flatMap(([name, { value, isDefault }]) => {
        const plain = answer.safeParse(value);
        return plain.success ? [[name, { value: plain.data, isDefault }]] : [];
      }),
    ),
  };
}

/** The walk that goes on from a draft; what is given now goes before what was given then. */
export function walkFrom({ given, said, offers }: Draft, givenNow: Answers): Walk {
  return walkWith({
    given: new Map([...Object.entries(given), ...givenNow]),
    drafted: new Map(Object.entries(said)),
    offers: new Map<string, Offer>(Object.entries(offers)),
  });
}

/** What the text of a file holds; undefined where that is no draft. */
export function parseDraft(text: string): Draft | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What a draft is about, in the words of its answers: 'director.address 10.0.0.1, 3 answers'. */
export function describeDraft({ said, offers }: Draft): string {
  const count = new Set([...Object.keys(said), ...Object.keys(offers)]).size;
  const host = said['director.address'] ?? offers['director.address']?.value;
  const answered = count === 1 ? '1 answer' : `${count} answers`;
  return host === undefined ? answered : `${answered}, director at ${String(host)}`;
}

function withoutSecrets(
  all: Iterable<readonly [string, unknown]>,
): Readonly<Record<string, z.infer<typeof answer>>> {
  return Object.fromEntries(
    [...all].flatMap(([name, value]) => {
      const plain = answer.safeParse(value);
      return plain.success ? [[name, plain.data]] : [];
    }),
  );
}
