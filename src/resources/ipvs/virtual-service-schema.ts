import { z } from 'zod';

const port = z.int().min(0).max(65535);

/** What `ipvsadm` is told beside what lvslab sets itself: '-p 360'. */
const ipvsOptions = z.string().regex(/^[\w .,:+-]*$/, 'must be options of ipvsadm');

/** A virtual service with its servers, as a journal holds it. */
export const virtualService = z.object({
  protocol: z.enum(['tcp', 'udp']),
  address: z.ipv4(),
  port,
  mark: z
    .int()
    .min(1)
    .max(2 ** 32 - 1)
    .exactOptional(),
  ports: z.array(z.int().min(1).max(65535)).min(1).max(15).readonly().exactOptional(),
  scheduler: z.string().regex(/^[a-z0-9_]{1,15}$/, 'must be the name of a scheduler'),
  options: ipvsOptions.exactOptional(),
  destinations: z
    .array(
      z.object({
        address: z.ipv4(),
        port,
        method: z.enum(['masquerading', 'direct-routing', 'tunneling']),
        weight: z
          .int()
          .min(0)
          .max(2 ** 31 - 1),
        options: ipvsOptions.exactOptional(),
      }),
    )
    .readonly(),
});
