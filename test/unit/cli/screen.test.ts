import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { currentLook, withScreen } from '../../../src/cli/terminal/screen.ts';

/** A terminal of this size that keeps what is written to it. */
function terminal(columns: number, rows: number): NodeJS.WriteStream & { text: () => string } {
  const stream = new PassThrough();
  const chunks: string[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  const shape = { isTTY: true, columns, rows, text: () => chunks.join('') };
  return Object.assign(stream, shape) as unknown as NodeJS.WriteStream & { text: () => string };
}

async function shownWhile(stream: ReturnType<typeof terminal>): Promise<string> {
  let shown = '';
  await withScreen(
    {},
    async ({ emit }) => {
      emit({ type: 'connecting', host: 'rs1' });
      // Longer than what is drawn anew waits before it is drawn.
      await new Promise((resolve) => setTimeout(resolve, 400));
      shown = stream.text();
      return 0;
    },
    stream,
  );
  return shown;
}

describe('a serial console, which is a terminal without a size', () => {
  test('gets lines, as a pipe does: nothing that is drawn anew would be seen', async () => {
    const shown = await shownWhile(terminal(0, 0));
    expect(shown).toContain('rs1: connecting\n');
    expect(shown).not.toContain('\u001B[?25l');
    expect(await shownWhile(terminal(80, 24))).toContain('\u001B[?25l');
  });

  test('is taken to be as wide as a pipe', () => {
    expect(currentLook({}, terminal(0, 0)).width).toBe(100);
    expect(currentLook({}, terminal(20, 24)).width).toBe(40);
  });
});
