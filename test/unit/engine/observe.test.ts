import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sections } from '../../../src/engine/host/observe.ts';

const NONCE = 'n0nce';

function printed(parts: readonly { readonly output: string; readonly exitCode: number }[]): string {
  return parts
    .map(
      ({ output, exitCode }, i) =>
        `${NONCE} begin ${i}\n${output}\n${NONCE} end ${i} ${exitCode}\n`,
    )
    .join('');
}

describe('sections', () => {
  test('give back what each part printed, byte for byte', () => {
    const part = fc.record({ output: fc.string({ unit: 'grapheme' }), exitCode: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        expect([...sections(printed(parts), NONCE).values()]).toEqual(parts);
      }),
    );
  });

  test('leave out a part that did not end', () => {
    const whole = printed([
      { output: 'one', exitCode: 0 },
      { output: 'two', exitCode: 0 },
    ]);
    const cut = whole.slice(0, whole.lastIndexOf(' end 1'));
    expect([...sections(cut, NONCE).keys()]).toEqual([0]);
  });

  test.each([
    ['of an exit status that is none', `${NONCE} begin 0\n\n${NONCE} end 0 1234\n`],
    ['without an exit status', `${NONCE} begin 0\n\n${NONCE} end 0 \n`],
    ['whose beginning is not the beginning of a line', `x${NONCE} begin 0\n\n${NONCE} end 0 0\n`],
    ['of another place', `${NONCE} begin 1\n\n${NONCE} end 1 0\n`],
    ['of another reading', `other begin 0\n\nother end 0 0\n`],
  ])('leave out a part %s', (_, output) => {
    expect([...sections(output, NONCE)]).toEqual([]);
  });

  test('pass over what comes before a part', () => {
    const [one] = sections(`for all\n${printed([{ output: 'x', exitCode: 3 }])}`, NONCE);
    expect(one).toEqual([0, { output: 'x', exitCode: 3 }]);
  });
});
