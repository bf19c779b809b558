import { type Finding, RANK, type Rule } from '../../rule.ts';
import { type HostReading } from '../../readings/readings.ts';

/** Every spelling of the switch: setting one of them sets the others. */
const SPELLINGS = new Set(['net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding']);

/** The director forwards, and the next boot will not bring that back. */
export const forwardingAtBoot: Rule = {
  id: 'L26',
  title: 'the director will not forward after a boot',
  page: 'L26-forwarding-at-boot',
  modes: ['nat'],
  rank: RANK.boot,
  find: ({ director, lab }) => {
    const now = director?.settings?.['net.ipv4.ip_forward'];
    const lines = director?.bootSettings;
    if (now === undefined || lines === undefined) return 'not told';
    // Where it is off now, that comes first, and whoever mends it writes it down.
    if (now !== '1') return [];
    const last = lastLine(lines);
    if (last?.value === '1') return [];
    return [findingOf(lab.director.name, last)];
  },
  hints: [
    'All is well now. Would it be after a reboot?',
    'Which file switches forwarding on at boot, and does a later one switch it off? `grep -rs ip_forward /etc/sysctl.d /usr/lib/sysctl.d`',
  ],
};

function lastLine(
  lines: NonNullable<HostReading['bootSettings']>,
): { readonly file: string; readonly key: string; readonly value: string } | undefined {
  return lines.findLast(({ key }) => SPELLINGS.has(key));
}

function findingOf(host: string, last: ReturnType<typeof lastLine>): Finding {
  const found =
    last === undefined
      ? {
          cause: 'no file sets net.ipv4.ip_forward: it was switched on by hand',
          output: ['(nothing)'],
        }
      : {
          cause: `the last file that sets it says ${last.key} = ${last.value}: ${last.file}`,
          output: [`${last.file}: ${last.key} = ${last.value}`],
        };
  return {
    host,
    what: 'forwards now, and will not after the next boot',
    cause: found.cause,
    proof: [
      {
        host,
        command: 'grep -rs ip_forward /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d',
        output: found.output,
      },
    ],
    mend: [{ host, command: `echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/99-zz-forward.conf` }],
    isDrift: true,
    hits: 'after a boot',
  };
}
