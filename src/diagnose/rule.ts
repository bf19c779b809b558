import { type LabCase } from './lab-case.ts';
import { type LabView } from './readings/readings.ts';

/** Something to type on a host. */
interface Typed {
  /** Inventory name. */
  readonly host: string;
  readonly command: string;
}

/** What shows a cause: a command as anybody may type it, and what it printed. */
export interface Proof extends Typed {
  readonly output: readonly string[];
  /** What is to be seen in it: 'should be via 192.168.2.130 (DIP)'. */
  readonly remark?: string;
}

/** One cause that was found on one host. */
export interface Finding {
  /** Inventory name. */
  readonly host: string;
  /** What is wrong, after the host's name: 'gets the requests, but its replies never pass the director'. */
  readonly what: string;
  /** Why it is so, as a sentence without a full stop. */
  readonly cause: string;
  readonly proof: readonly Proof[];
  /** What mends it, in the order in which it is typed. */
  readonly mend: readonly Typed[];
  /** `lvslab apply` mends it where lvslab has set the lab up. */
  readonly isDrift: boolean;
  /** Whether requests fail now, or only once the host has been booted. */
  readonly hits: 'now' | 'after a boot';
}

/** A cause by which a lab fails, and how it is told from all others. */
export interface Rule {
  /** 'L01'; stays the same for ever. */
  readonly id: string;
  /** What is so where it is the cause, in a few words: "a real server's replies don't pass the director". */
  readonly title: string;
  /** The file in docs/why without its ending. */
  readonly page: string;
  readonly modes: readonly LabView['mode'][];
  /** Not set, services over every protocol. */
  readonly protocol?: 'tcp';
  /** Causes are mended in this order: what a later one is seen by may depend on an earlier one. */
  readonly rank: number;
  /**
   * Pure: the hosts on which it is so; [] where it is ruled out, 'not told' where the readings are not enough for either.
   */
  readonly find: (of: LabCase) => readonly Finding[] | 'not told';
  /** Where it is so, no request gets as far as this: one that was seen to come there rules it out. */
  readonly keepsFrom?: 'director' | 'servers';
  /** Also wrong on hosts that are no lab yet: `doctor` tells it before anything is set up. */
  readonly isForBareHosts?: true;
  /** One step of the way to it, each a question that a person can answer by typing. */
  readonly hints: readonly string[];
}

/** The ranks, along the way of a request and back; what only the next boot brings comes last. */
export const RANK = {
  kernel: 10,
  table: 20,
  vip: 30,
  network: 40,
  firewall: 50,
  forwarding: 60,
  realServer: 70,
  wayBack: 80,
  balance: 90,
  boot: 100,
} as const;
