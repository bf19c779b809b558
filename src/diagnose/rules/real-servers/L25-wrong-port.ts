import { RANK, type Rule } from '../../rule.ts';
import { counterProof, eachServer, ipvsadm, METHODS } from '../finding-parts.ts';
import { endpoint } from '../../../ipvs/virtual-service.ts';
import { askedPort, listensOn, webPorts } from './listening.ts';

/** The web server listens on another port than the table sends requests to. */
export const wrongPort: Rule = {
  id: 'L25',
  title: 'a web server listens on another port than the table says',
  page: 'L25-wrong-port',
  modes: ['nat', 'dr', 'tun'],
  protocol: 'tcp',
  rank: RANK.realServer,
  find: (of) =>
    eachServer(of, (read) => {
      const { server, reading } = read;
      if (reading?.listeners === undefined) return 'not told';
      const port = askedPort(of, server);
      if (listensOn(reading.listeners, port).length > 0) return undefined;
      const others = webPorts(reading.listeners, port);
      const [other] = others;
      if (other === undefined) return undefined;
      const { name: host } = server;
      const director = of.lab.director.name;
      const at = endpoint({ address: server.address, port });
      const isTable = port !== server.port;
      return {
        host,
        what: `refuses its share of the requests: they come for port ${port}, where nothing listens`,
        cause: isTable
          ? `the table says port ${port}, and the web server listens on ${others.join(', ')}`
          : `the web server listens on port ${others.join(', ')}, and the inventory says ${server.port}`,
        proof: [
          { host, command: 'ss -ltn', output: others.map((one) => `LISTEN  *:${one}`) },
          ...counterProof(of, at),
        ],
        mend: isTable
          ? [
              {
                host: director,
                command: `${ipvsadm('-a', of.lab)} -r ${server.address}:${other} ${METHODS[of.lab.mode].flag} -w ${server.weight}`,
              },
              { host: director, command: `${ipvsadm('-d', of.lab)} -r ${at}` },
            ]
          : [
              {
                host,
                command: `sed -i 's/listen .*/listen ${server.port};/' /usr/local/nginx/conf/nginx.conf`,
              },
              { host, command: 'systemctl restart nginx' },
            ],
        isDrift: true,
        hits: 'now',
      };
    }),
  hints: [
    "Are requests refused, and is it one server's share of them?",
    'On which port does the web server of that one listen, and which one stands in the table? `ss -ltn`, `ipvsadm -Ln`',
  ],
};
