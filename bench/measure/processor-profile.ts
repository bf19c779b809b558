import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runMeasured } from './run-measured.ts';

/** What V8 writes with --cpu-prof: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  /** Microseconds before each sample. */
  timeDeltas: z.array(z.number()),
});

export type Profile = z.infer<typeof profileSchema>;

/** What a moment was used for, by the innermost function that tells. */
const USES: readonly (readonly [use: string, name: RegExp, url: RegExp])[] = [
  ['waiting for the hosts', /^\(idle\)$/, /^/],
  ['collecting garbage', /^\(garbage collector\)$/, /^/],
  ['SSH', /^/, /\/node_modules\/(ssh2|node-ssh|asn1|bcrypt-pbkdf|tweetnacl)\//],
  ['the work of lvslab and of the libraries in it', /^/, /\/(dist|playbooks|templates)\//],
];

/** As it is called; whatever is done in there belongs to it. */
const LOADING = 'loading the program';
const NODE = 'Node itself';

/**
 * Where the time of a program of Node's went.
 * @param argv Node, and the words behind it.
 * @returns milliseconds of its main thread, by what they were used for; as few digits as the clock is good for.
 */
export async function processorProfile(
  [node = '', ...words]: readonly string[],
  {
    folder,
    env = {},
  }: { readonly folder: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Readonly<Record<string, number>>> {
  const own = await mkdtemp(path.join(folder, 'profile-'));
  try {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${own}`, '--cpu-prof-interval=250'];
    await runMeasured({ argv: [node, ...flags, ...words], env });
    const [file = ''] = await readdir(own);
    const text = await readFile(path.join(own, file), 'utf8');
    const uses = Object.entries(usesOf(profileSchema.parse(JSON.parse(text))));
    return Object.fromEntries(uses.map(([use, ms]) => [use, Math.round(ms)]));
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** Milliseconds of a profile, by what they were used for. */
export function usesOf({ nodes, samples, timeDeltas }: Profile): Readonly<Record<string, number>> {
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((one) => [one, id])),
  );
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const stackOf = (id: number): readonly Profile['nodes'][number]['callFrame'][] => {
    const stack = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = frames.get(at);
      if (frame !== undefined) stack.push(frame);
    }
    return stack;
  };
  const uses = new Map(nodes.map(({ id }) => [id, useOf(stackOf(id))]));
  const sums: Record<string, number> = {};
  for (const [i, id] of samples.entries()) {
    const use = uses.get(id) ?? NODE;
    sums[use] = (sums[use] ?? 0) + (timeDeltas[i] ?? 0) / 1000;
  }
  return sums;
}

function useOf(stack: readonly { readonly functionName: string; readonly url: string }[]): string {
  if (stack.some(({ url }) => url.startsWith('node:internal/modules/'))) return LOADING;
  for (const { functionName, url } of stack) {
    const found = USES.find(([, name, place]) => name.test(functionName) && place.test(url));
    if (found !== undefined) return found[0];
  }
  return NODE;
}
