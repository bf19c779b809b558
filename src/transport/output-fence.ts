import { StringDecoder } from 'node:string_decoder';

/** Text out of chunks of bytes, split where a mark stands for the first time. */
export interface OutputFence {
  readonly push: (chunk: Buffer) => void;
  /** The mark has been seen. */
  isOpen(): boolean;
  /** All that came while the mark had not been seen, or stood before it. */
  before(): string;
  /** All that came after the mark; nothing may be pushed later. */
  finish(): string;
}

/** Keeps what login shells and sudo print apart from what a script prints. Characters are never broken between chunks. */
export function outputFence({
  mark,
  onOpen,
  onText,
}: {
  readonly mark: string;
  readonly onOpen?: () => void;
  /** Called with what comes after the mark, as it comes. */
  readonly onText?: ((text: string) => void) | undefined;
}): OutputFence {
  const decoder = new StringDecoder('utf8');
  const after: string[] = [];
  let before = '';
  let isOpen = false;
  const add = (text: string): void => {
    if (text === '') return;
    after.push(text);
    onText?.(text);
  };
  const read = (text: string): void => {
    if (isOpen) {
      add(text);
      return;
    }
    before += text;
    const at = before.indexOf(mark);
    if (at < 0) return;
    const rest = before.slice(at + mark.length);
    before = before.slice(0, at);
    isOpen = true;
    onOpen?.();
    add(rest);
  };
  return {
    push: (chunk) => {
      read(decoder.write(chunk));
    },
    isOpen: () => isOpen,
    before: () => before,
    finish: () => {
      read(decoder.end());
      return after.join('');
    },
  };
}
