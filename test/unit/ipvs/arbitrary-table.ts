import fc from 'fast-check';

import { schedulers } from '../../../src/ipvs/distribution/schedulers.ts';
import {
  type Destination,
  endpoint,
  type IpvsTable,
  serviceKey,
  type VirtualService,
} from '../../../src/ipvs/virtual-service.ts';

// Few addresses, so that two tables often share services and servers.
const address = fc.constantFrom('10.0.0.1', '192.168.2.128', '192.168.4.133', '255.1.2.3');
const port = fc.constantFrom(1, 80, 8080, 65535);

const destination: fc.Arbitrary<Destination> = fc.record(
  {
    address,
    port,
    method: fc.constantFrom(
      'masquerading' as const,
      'direct-routing' as const,
      'tunneling' as const,
    ),
    weight: fc.oneof(fc.constantFrom(0, 1, 2), fc.nat(65535)),
    options: fc.constantFrom('-x 100 -y 50', '--tun-type gue --tun-port 6080 --tun-nocsum'),
  },
  { requiredKeys: ['address', 'port', 'method', 'weight'] },
);

const service: fc.Arbitrary<VirtualService> = fc.record(
  {
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    address,
    port,
    scheduler: fc.constantFrom(...schedulers.map(({ name }) => name)),
    options: fc.constantFrom(
      '-p 360',
      '-p 600 -M 255.255.255.0 --pe sip',
      '-b sh-fallback,sh-port',
      '-o',
    ),
    destinations: fc.uniqueArray(destination, { selector: endpoint, maxLength: 4 }),
  },
  { requiredKeys: ['protocol', 'address', 'port', 'scheduler', 'destinations'] },
);

/** Any table of what lvslab can express. */
export const arbitraryTable: fc.Arbitrary<IpvsTable> = fc
  .uniqueArray(service, { selector: serviceKey, maxLength: 4 })
  .map((services) => ({ services, foreign: [] }));
