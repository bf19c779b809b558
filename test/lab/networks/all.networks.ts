import { networkCases } from './all-cases.ts';
import { networkTests } from './networks-suite.ts';

networkTests(networkCases, {
  title: 'every network',
  prefix: process.env['NETWORKS_LAB'] ?? 'lvc',
  hosts: 4,
});
