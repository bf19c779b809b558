import { type Script } from '../../engine/model/shell/script.ts';
import { type MarkRule } from './mark-rule.ts';

/** What lvslab calls its own table, its own chain, and the unit that fills it at boot. */
export const MARKS = 'lvslab-marks';

/** The programs that can mark packets. */
export type MarkFilterName = 'nft' | 'iptables';

/** A packet filter that can mark packets. Whatever others have in it stays: lvslab has a table, or a chain, of its own. */
export interface MarkFilter {
  /** The program that speaks to the kernel. */
  readonly name: MarkFilterName;
  /** The packages with the program. */
  readonly packages: readonly string[];
  /** The modules of the kernel that it can't mark packets without. */
  readonly modules: readonly string[];
  /** Shell that prints what is lvslab's in it, as the program itself prints it; nothing where it has nothing. */
  readonly print: Script;
  /** What was printed, line by line in one spelling; rules that mark packets as `markText` spells them. */
  readonly read: (printed: string) => readonly string[];
  /** These rules as `print` would print them. */
  readonly listing: (rules: readonly MarkRule[]) => string;
  /** Shell that makes what is lvslab's be this listing, in one go; undefined takes all of it out. */
  readonly set: (listing: string | undefined) => Script;
  /** Commands as a unit of systemd's has them: those that put the rules in … */
  readonly starts: (rules: readonly MarkRule[]) => readonly string[];
  /** … and those that take them out. */
  readonly stops: readonly string[];
}
