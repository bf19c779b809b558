import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { runProgram } from './processes.ts';

/** A real terminal in which a program runs. */
export interface Terminal {
  /** Presses keys, named as tmux names them: 'Enter', 'Down', 'C-c'; anything else is typed. */
  readonly press: (...keys: readonly string[]) => Promise<void>;
  /** Types a text whose letters are arguments of their own: a secret is in no argument list. */
  readonly type: (text: string) => Promise<void>;
  /** Waits until a question that begins so is asked, and presses keys. */
  readonly answer: (question: string, ...keys: readonly string[]) => Promise<void>;
  /** Waits until the text stands there, for fifty seconds unless told otherwise, and returns all that does. */
  readonly see: (text: string, patienceMs?: number) => Promise<string>;
  readonly close: () => Promise<void>;
}

const PATIENCE_MS = 50_000;

/** Runs a shell command in a tmux of its own of 40 lines, which ends with the terminal. */
export async function openTerminal(
  command: string,
  env: Readonly<Record<string, string>> = {},
  columns = 80,
): Promise<Terminal> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-tmux-'));
  const tmux = async (...args: readonly string[]): Promise<string> => {
    const socket = path.join(folder, 'socket');
    return (await runProgram('tmux', ['-S', socket, '-f', '/dev/null', ...args], env)).stdout;
  };
  await tmux(...['new-session', '-d', '-x', String(columns), '-y', '40', `${command}; sleep 60`]);
  // The part that has scrolled away, too.
  const screen = (): Promise<string> => tmux('capture-pane', '-p', '-J', '-S', '-200');
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await tmux('send-keys', key);
  };
  const see = async (text: string, patienceMs = PATIENCE_MS): Promise<string> => {
    const until = Date.now() + patienceMs;
    for (;;) {
      const shown = await screen();
      if (shown.includes(text)) return shown;
      if (Date.now() > until) throw new Error(`waited for '${text}', but there is:\n${shown}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  /** The last question that stands there: one that was left by Esc stands above, one that was answered has a tick. */
  const waitUntilAsked = async (question: string): Promise<void> => {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const shown = await screen();
      const asked = shown.split('\n').findLast((line) => /^[?✔] /.test(line));
      if (asked?.startsWith(`? ${question}`) === true) return;
      if (Date.now() > until)
        throw new Error(`waited for '? ${question}', but there is:\n${shown}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  let isOpen = true;
  return {
    press,
    type: async (text) => {
      await tmux('send-keys', ...Array.from(text));
    },
    see,
    answer: async (question, ...keys) => {
      // Keys that come before the question does are lost.
      await waitUntilAsked(question);
      await press(...keys);
    },
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      // Where what ran in it has ended, it has ended, too.
      await tmux('kill-server').catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
