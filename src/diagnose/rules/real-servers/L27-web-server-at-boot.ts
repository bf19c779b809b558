import { RANK, type Rule } from '../../rule.ts';
import { eachServer } from '../finding-parts.ts';
import { askedPort, listensOn } from './listening.ts';

/** The web server answers now, and no boot starts it. */
export const webServerAtBoot: Rule = {
  id: 'L27',
  title: "a real server's web server does not come up at boot",
  page: 'L27-web-server-at-boot',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.boot,
  find: (of) =>
    eachServer(of, ({ server, reading }) => {
      if (reading?.listeners === undefined || reading.units === undefined) return 'not told';
      if (listensOn(reading.listeners, askedPort(of, server)).length === 0) return undefined;
      const unit = of.unit(server.name, 'nginx');
      const { name: host } = server;
      const isThere = unit !== undefined && unit.load !== 'not-found';
      if (isThere && unit.enabled !== 'disabled' && unit.enabled !== 'masked') return undefined;
      return {
        host,
        what: 'answers now, and will not after the next boot',
        cause: isThere
          ? `nginx.service is ${unit.enabled}`
          : 'the web server was started by hand: there is no unit that a boot would start',
        proof: [
          {
            host,
            command: 'systemctl is-enabled nginx',
            output: [isThere ? unit.enabled : 'Failed to get unit file state for nginx.service'],
          },
        ],
        mend: [{ host, command: 'systemctl enable nginx' }],
        isDrift: true,
        hits: 'after a boot',
      };
    }),
  hints: [
    'All is well now. Would it be after a reboot?',
    'Who starts the web server at boot? `systemctl is-enabled nginx`, on each server',
  ],
};
