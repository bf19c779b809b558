import { networkCases } from './networks/all-cases.ts';
import { networkTests } from './networks/networks-suite.ts';

networkTests(
  networkCases.filter(({ inCi }) => inCi === true),
  { title: 'networks of real hosts', prefix: process.env['NETWORKS_LAB'] ?? 'lvb', hosts: 3 },
);
