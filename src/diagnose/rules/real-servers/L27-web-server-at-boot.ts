import { type LabCase, type ReadServer } from '../../lab-case.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';
import { eachServer } from '../finding-parts.ts';
import { askedPort, listensOn } from './listening.ts';

/** The web server answers now, and no boot starts it. */
export const webServerAtBoot: Rule = {
  id: 'L27',
  title: "a real server's web server does not come up at boot",
  page: 'L27-web-server-at-boot',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.boot,
  find: (of) => eachServer(of, (server) => judge(of, server)),
  hints: [
    'All is well now. Would it be after a reboot?',
    'Who starts the web server at boot? `systemctl is-enabled nginx`, on each server',
  ],
};

function judge(of: LabCase, { server, reading }: ReadServer): Finding | undefined | 'not told' {
  if (reading?.listeners === undefined || reading.units === undefined) return 'not told';
  if (listensOn(reading.listeners, askedPort(of, server)).length === 0) return undefined;
  const { name: host } = server;
  const why = whyNot(of.unit(host, 'nginx'));
  if (why === undefined) return undefined;
  return {
    host,
    what: 'answers now, and will not after the next boot',
    cause: why.cause,
    proof: [{ host, command: 'systemctl is-enabled nginx', output: [why.said] }],
    mend: [{ host, command: 'systemctl enable nginx' }],
    isDrift: true,
    hits: 'after a boot',
  };
}

function whyNot(
  unit: ReturnType<LabCase['unit']>,
): { readonly cause: string; readonly said: string } | undefined {
  if (unit === undefined || unit.load === 'not-found') {
    return {
      cause: 'the web server was started by hand: there is no unit that a boot would start',
      said: 'Failed to get unit file state for nginx.service',
    };
  }
  const { enabled } = unit;
  if (enabled !== 'disabled' && enabled !== 'masked') return undefined;
  return { cause: `nginx.service is ${enabled}`, said: enabled };
}
