import { RANK, type Rule } from '../../rule.ts';
import { counterProof, eachServer } from '../finding-parts.ts';
import { askedPort, hears, listenersCommand, listensOn } from './listening.ts';

/** Something listens on the right port, but not on the address that requests are for. */
export const wrongListener: Rule = {
  id: 'L24',
  title: "a real server's web server listens on another address",
  page: 'L24-loopback-only',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.realServer,
  find: (of) =>
    eachServer(of, ({ server, at, reading }) => {
      if (reading?.listeners === undefined) return 'not told';
      const port = askedPort(of, server);
      // Only masquerading rewrites the address: otherwise the packets are for the VIP still.
      const asked = of.lab.mode === 'nat' ? server.address : of.vip;
      const found = listensOn(reading.listeners, port);
      if (found.length === 0 || found.some((address) => hears(address, asked))) return undefined;
      const { name: host } = server;
      return {
        host,
        what: `refuses its share of the requests, although something listens on port ${port}`,
        cause: `it listens on ${found.join(', ')} alone, and requests come for ${asked}`,
        proof: [
          {
            host,
            command: listenersCommand(of, port),
            output: found.map((address) => `${address}:${port}`),
            remark: `should be 0.0.0.0:${port}`,
          },
          ...counterProof(of, at),
        ],
        mend: [
          { host, command: 'grep -rn listen /usr/local/nginx/conf/nginx.conf' },
          { host, command: 'systemctl restart nginx' },
        ],
        isDrift: true,
        hits: 'now',
      };
    }),
  hints: [
    "Are requests refused, and is it one server's share of them?",
    'On which address does the web server of that one listen? `ss -ltn`',
  ],
};
