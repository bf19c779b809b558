import { networkCases } from './all-cases.ts';
import { networkTests } from './networks-suite.ts';
import { randomCases } from './random/random-cases.ts';

/** The seed is printed with the name of each case, and sought by `NETWORKS_SEED`. */
const seed = Number(process.env['NETWORKS_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const count = Number(process.env['NETWORKS_COUNT'] ?? 30);

networkTests([...networkCases, ...randomCases(seed, count)], {
  title: 'every network',
  prefix: process.env['NETWORKS_LAB'] ?? 'lvc',
  hosts: 4,
});
