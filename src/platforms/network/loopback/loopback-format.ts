import { type Script } from '../../../engine/model/shell/script.ts';

/** Where an address of the loopback device is written down, and how. */
export interface LoopbackFormat {
  /** Shell that sets `$path` to the file that has, or will have, the address (IPv4 dotted) in it. */
  readonly locate: (address: string) => Script;
  /**
   * The file's text with the address in it, the same text where it says so already. What others wrote there stays.
   * @param text not set where there is no file.
   */
  readonly merge: (text: string | undefined, address: string) => string;
}
