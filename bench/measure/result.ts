import { z } from 'zod';

const run = z.strictObject({
  /** Milliseconds from its start to its end. */
  wallMs: z.number(),
  /** Processor milliseconds of the command and all that it started. */
  cpuMs: z.number(),
  /** Of its largest process, KiB. */
  peakKiB: z.number(),
  /** Processor milliseconds of each kind of host while it ran, one host of the kind. */
  hostCpuMs: z.record(z.string(), z.number()).optional(),
  /** TCP connections that it had at the same time, at most, as far as a look every 100 ms tells. */
  connections: z.number().optional(),
  /** Hosts that it failed on, or 1 where it failed as a whole. */
  failures: z.number(),
  /** Lines with a warning in what it printed. */
  warnings: z.number(),
  /** What it was busy with, where it told: the longest, in milliseconds. */
  spans: z.record(z.string(), z.number()).optional(),
});

const measurement = z.strictObject({
  /** What was asked for: 'green plan'. */
  task: z.string(),
  /** Who did it: 'lvslab', 'Ansible' … */
  by: z.string(),
  hosts: z.number(),
  /** There and back, added to the wire. */
  delayMs: z.number(),
  runs: z.array(run),
  /** Why there are no runs. */
  missing: z.string().optional(),
  /** More that a reader has to know. */
  note: z.string().optional(),
  /** Sessions a host, counted by the host's own SSH server. */
  sessions: z.number().optional(),
  /** Milliseconds of the program's main thread in one more run under a profiler, by what they were used for. */
  uses: z.record(z.string(), z.number()).optional(),
});

/** What one part of the bench has measured, as it is kept in bench/results. */
export const resultSchema = z.strictObject({
  /** In the order of the page. */
  part: z.enum(['two', 'fleet', 'embedded', 'start']),
  date: z.iso.date(),
  machine: z.strictObject({
    processor: z.string(),
    cores: z.number(),
    memoryMiB: z.number(),
    kernel: z.string(),
    /** The load of the last minute before the part began: 0 is a quiet machine. */
    load: z.number(),
  }),
  versions: z.record(z.string(), z.string()),
  measurements: z.array(measurement),
});

export type Run = z.infer<typeof run>;
export type Measurement = z.infer<typeof measurement>;
export type Result = z.infer<typeof resultSchema>;
export type Part = Result['part'];
