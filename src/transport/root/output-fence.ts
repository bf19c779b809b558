import { StringDecoder } from 'node:string_decoder';

import { ByteStore, ByteTail } from '../upload/byte-store.ts';

/** Text out of chunks of bytes, split where a mark stands for the first time. */
export interface OutputFence {
  /** Takes what comes; its cost grows with the chunk, and not with what came before it. */
  readonly push: (chunk: Buffer) => void;
  /** The mark has been seen. */
  isOpen(): boolean;
  /** What came while the mark had not been seen, or stood before it; of much of it, the end. */
  before(): string;
  /** All that came after the mark; nothing may be pushed later. */
  finish(): string;
}

export interface OutputFenceOptions {
  /** ASCII. */
  readonly mark: string;
  readonly onOpen?: () => void;
  /** Called with what comes after the mark, as it comes. */
  readonly onText?: ((text: string) => void) | undefined;
  /** Called once, when more bytes have come before or after the mark than `maxBytes`; from then on nothing is kept. */
  readonly onExcess?: () => void;
  readonly maxBytes?: number;
}

/** How much of what stands before the mark is kept: enough for what sudo and a login shell have to say. */
const KEPT_BEFORE = 16 * 1024;

/** Keeps what login shells and sudo print apart from what a script prints. Characters are never broken between chunks. */
export function outputFence({
  mark,
  onOpen,
  onText,
  onExcess,
  maxBytes = Infinity,
}: OutputFenceOptions): OutputFence {
  const decoder = new StringDecoder('utf8');
  const after = new ByteStore();
  const before = new ByteTail(KEPT_BEFORE);
  let bytesBefore = 0;
  // Where the mark may have begun.
  let end: Buffer = Buffer.alloc(0);
  let isOpen = false;
  let isFull = false;
  const tell = (text: string): void => {
    if (text !== '') onText?.(text);
  };
  const check = (bytes: number): void => {
    if (bytes <= maxBytes) return;
    isFull = true;
    onExcess?.();
  };
  const add = (chunk: Buffer): void => {
    check(after.length + chunk.length);
    if (isFull || chunk.length === 0) return;
    after.add(chunk);
    tell(decoder.write(chunk));
  };
  const search = (chunk: Buffer): void => {
    const searched = Buffer.concat([end, chunk]);
    const at = searched.indexOf(mark);
    const isFound = at >= 0;
    before.add(chunk.subarray(0, isFound ? Math.max(0, at - end.length) : chunk.length));
    bytesBefore += chunk.length;
    if (!isFound) {
      end = searched.subarray(Math.max(0, searched.length - mark.length + 1));
      check(bytesBefore);
      return;
    }
    before.cut(Math.max(0, end.length - at));
    isOpen = true;
    onOpen?.();
    add(searched.subarray(at + mark.length));
  };
  return {
    push: (chunk) => {
      if (isFull) return;
      if (isOpen) add(chunk);
      else search(chunk);
    },
    isOpen: () => isOpen,
    before: () => before.text(),
    finish: () => {
      tell(decoder.end());
      return after.text();
    },
  };
}

/** Tells each time a mark stands in the chunks that it is given; its cost grows with the chunk alone. */
export function markWatch(mark: string, onMark: () => void): (chunk: Buffer) => void {
  let end: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const searched = Buffer.concat([end, chunk]);
    let from = 0;
    for (let at = searched.indexOf(mark); at >= 0; at = searched.indexOf(mark, from)) {
      from = at + mark.length;
      onMark();
    }
    end = searched.subarray(Math.max(from, searched.length - mark.length + 1));
  };
}
