import { type LabCase, type ReadServer } from '../../lab-case.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';
import { CONTAINERS } from '../../web-servers.ts';
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
  const found = of.webServer(host);
  // What answers may be in a container.
  if (found === undefined && of.unit(host, CONTAINERS)?.active === 'active') return undefined;
  const name = found ?? 'nginx';
  const why = whyNot(name, of.unit(host, name));
  if (why === undefined) return undefined;
  return {
    host,
    what: 'answers now, and will not after the next boot',
    cause: why.cause,
    proof: [{ host, command: `systemctl is-enabled ${name}`, output: [why.said] }],
    mend: [...why.before, `systemctl enable ${name}`].map((command) => ({ host, command })),
    isDrift: true,
    hits: 'after a boot',
  };
}

/** A unit for the nginx that runs, wherever that lies. */
const MAKE_UNIT = `printf '%s\\n' '[Unit]' 'After=network-online.target' '[Service]' 'Type=forking' "ExecStart=$(readlink "/proc/$(pgrep -o -x nginx)/exe")" '[Install]' 'WantedBy=multi-user.target' > /etc/systemd/system/nginx.service`;

function whyNot(
  name: string,
  unit: ReturnType<LabCase['unit']>,
):
  | {
      readonly cause: string;
      readonly said: string;
      /** What has to be typed before it can be enabled. */
      readonly before: readonly string[];
    }
  | undefined {
  if (unit === undefined || unit.load === 'not-found') {
    return {
      cause: 'the web server was started by hand: there is no unit that a boot would start',
      said: `Failed to get unit file state for ${name}.service`,
      before: [MAKE_UNIT],
    };
  }
  const { enabled } = unit;
  if (enabled !== 'disabled' && enabled !== 'masked') return undefined;
  return {
    cause: `${name}.service is ${enabled}`,
    said: enabled,
    before: enabled === 'masked' ? [`systemctl unmask ${name}`] : [],
  };
}
