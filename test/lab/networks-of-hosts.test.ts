import { networkCases } from './networks/all-cases.ts';
import { networkTests } from './networks/networks-suite.ts';

// Debian's and EL7's hosts go through the whole cycle beside; of the others it is the network that is theirs.
const others = networkCases.filter(
  ({ inCi, flavour }) => inCi === true && !['debian', 'el7'].includes(flavour),
);

networkTests(others, { title: 'a few networks', prefix: 'lvn', hosts: 2 });
