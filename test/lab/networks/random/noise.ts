import fc from 'fast-check';

/** Comment lines, some of which look like settings. */
const comment = fc.constantFrom(
  '# the lan, ask ops first',
  '#gateway 192.168.2.99',
  '# GATEWAY=192.168.2.99',
  '#',
  '# größer, since 2019: “don’t touch”',
  '    # indented $HOME `true`',
);

/** What the NIC that is asked about has beside the address by which it is reached. */
export const secondAddress = fc.constantFrom(undefined, undefined, '192.168.2.50', '192.168.2.66');

/** Where its default route leads before: nowhere, or to the segment's own gateway. */
export const isRouted = fc.constantFrom(true, true, false);

/** What there is on the second NIC, ens37, of another network. */
export const wanKind = fc.constantFrom('nothing', 'nothing', 'address', 'gateway' as const);

export type WanKind = 'address' | 'gateway' | 'nothing';

/** A yes once in so many times. */
export function seldom(times: number): fc.Arbitrary<boolean> {
  return fc.integer({ min: 1, max: times }).map((number) => number === 1);
}

/** The lines, with comments put between them where the numbers say; a hundredth each, of the text's length. */
export function withComments(
  lines: readonly string[],
  comments: readonly (readonly [number, string])[],
): readonly string[] {
  const all = [...lines];
  for (const [where, text] of comments) all.splice(Math.floor((where * all.length) / 100), 0, text);
  return all;
}

/** Comments and where they go, for `withComments`. */
export const comments = fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), comment), {
  maxLength: 4,
});
