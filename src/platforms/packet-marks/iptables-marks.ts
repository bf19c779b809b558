import { sh } from '../../engine/model/shell/script.ts';
import { filledLines } from '../sections.ts';
import { MARKS, type MarkFilter } from './mark-filter.ts';
import { inOrder, type MarkRule, markText } from './mark-rule.ts';

const JUMP = `-A PREROUTING -j ${MARKS}`;
const NEW_CHAIN = `-N ${MARKS}`;
const MANGLE = ['-w', '-t', 'mangle'];

/** iptables: a chain of lvslab's own in the table mangle, and one rule that leads to it. */
export const iptablesMarks: MarkFilter = {
  name: 'iptables',
  packages: ['iptables'],
  modules: ['iptable_mangle', 'xt_mark', 'xt_multiport'],
  // Where the table is not in use, asking for it would bring it in; that of iptables on top of nftables is always there.
  print: sh`
    if command -v iptables >/dev/null; then
      case "$(iptables --version) $(cat /proc/net/ip_tables_names 2>/dev/null)" in *nf_tables* | *mangle*)
        lvslab_rules=$(iptables ${MANGLE} -S) || exit
        printf '%s\n' "$lvslab_rules" |
          grep -e ${`^${NEW_CHAIN}$`} -e ${`^-A ${MARKS} `} -e ${`^-A PREROUTING .*-j ${MARKS}$`} -e ${`^${JUMP}$`} ||
          [ "$?" -eq 1 ] ;;
      esac
    fi
  `,
  read: (printed) => filledLines(printed).map(readLine),
  listing: (rules) => [NEW_CHAIN, JUMP, ...rules.map(ruleLine)].join('\n'),
  set: (listing) => (listing === undefined ? takeOut : putIn(listing)),
  starts: (rules) => [
    `-${unitCommand(NEW_CHAIN)}`,
    unitCommand(`-F ${MARKS}`),
    ...rules.map((rule) => unitCommand(ruleLine(rule))),
    `-${unitCommand(JUMP.replace('-A', '-D'))}`,
    unitCommand(JUMP),
  ],
  stops: [
    `-${unitCommand(JUMP.replace('-A', '-D'))}`,
    `-${unitCommand(`-F ${MARKS}`)}`,
    `-${unitCommand(`-X ${MARKS}`)}`,
  ],
};

function unitCommand(words: string): string {
  return `/usr/sbin/iptables ${MANGLE.join(' ')} ${words}`;
}

function ruleLine({ address, protocol, ports, mark }: MarkRule): string {
  return `-A ${MARKS} -d ${address}/32 -p ${protocol} -m multiport --dports ${inOrder(ports).join(',')} -j MARK --set-mark ${mark}`;
}

/** The unit may have taken it out already, which is no failure. */
const takeOut = sh`
  while iptables ${[...MANGLE, ...JUMP.replace('-A', '-D').split(' ')]} 2>/dev/null; do :; done
  if iptables ${[...MANGLE, '-S', MARKS]} >/dev/null 2>&1; then
    iptables ${[...MANGLE, '-F', MARKS]} && iptables ${[...MANGLE, '-X', MARKS]}
  fi
`;

/** The chain is replaced in one go; the table's other chains are none of its business. The oldest one knows no --wait. */
function putIn(listing: string): ReturnType<typeof sh> {
  const rules = filledLines(listing).filter((line) => line.startsWith(`-A ${MARKS} `));
  const text = ['*mangle', `:${MARKS} - [0:0]`, ...rules, 'COMMIT'].join('\n');
  const jump = JUMP.split(' ').slice(1);
  return sh`
    lvslab_rules=${text}
    printf '%s\n' "$lvslab_rules" | iptables-restore --noflush --wait=5 2>/dev/null ||
      printf '%s\n' "$lvslab_rules" | iptables-restore --noflush || exit
    iptables ${[...MANGLE, '-C', ...jump]} 2>/dev/null || iptables ${[...MANGLE, '-A', ...jump]}
  `;
}

const RULE = new RegExp(
  `^-A ${MARKS} -d ([\\d.]+)/32 -p (tcp|udp) -m multiport --dports ([\\d,]+) -j MARK --set-x?mark (0x[\\da-f]{1,8}|\\d{1,10})(?:/0xffffffff)?$`,
);

function readLine(raw: string): string {
  const line = raw.trim();
  const [, address, protocol, ports, mark] = RULE.exec(line) ?? [];
  if (address === undefined || ports === undefined || mark === undefined) return line;
  return markText({
    address,
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
    ports: ports.split(',').map(Number),
    mark: Number(mark),
  });
}
