import { sh } from '../../engine/model/shell/script.ts';
import { filledLines } from '../sections.ts';
import { MARKS, type MarkFilter } from './mark-filter.ts';
import { inOrder, type MarkRule, markText } from './mark-rule.ts';

const TABLE = `table ip ${MARKS}`;
const CHAIN = 'prerouting';
/** That of iptables' table mangle: before the kernel decides whose a packet is, behind connection tracking. */
const HOOK = 'type filter hook prerouting priority -150; policy accept;';

/** nftables: a table that nobody else has, which is made and replaced as a whole. */
export const nftMarks: MarkFilter = {
  name: 'nft',
  packages: ['nftables'],
  modules: ['nf_tables'],
  print: sh`
    if command -v nft >/dev/null; then
      lvslab_tables=$(nft list tables) || exit
      if printf '%s\n' "$lvslab_tables" | grep -qx ${TABLE}; then
        nft -nn list ${TABLE.split(' ')}
      fi
    fi
  `,
  read: (printed) =>
    // A long list of ports may go on on the next line.
    filledLines(printed.replaceAll(/,\s*\n\s*/g, ', '))
      .map(readLine)
      .filter((line) => line !== '}'),
  listing: (rules) =>
    [`${TABLE} {`, `chain ${CHAIN} {`, HOOK, ...rules.map(ruleWords), '}', '}'].join('\n'),
  set: (listing) =>
    listing === undefined
      ? // The unit may have taken it out already, which is no failure.
        sh`printf '%s\n' ${[TABLE, `delete ${TABLE}`].join('\n')} | nft -f -`
      : sh`printf '%s\n' ${[TABLE, `delete ${TABLE}`, listing].join('\n')} | nft -f -`,
  starts: (rules) => [
    unitCommand(`add ${TABLE}; delete ${TABLE}; add ${TABLE}`),
    unitCommand(`add chain ip ${MARKS} ${CHAIN} { ${HOOK} }`),
    ...rules.map((rule) => unitCommand(`add rule ip ${MARKS} ${CHAIN} ${ruleWords(rule)}`)),
  ],
  stops: [`-/usr/sbin/nft delete ${TABLE}`],
};

function unitCommand(words: string): string {
  return `/usr/sbin/nft "${words}"`;
}

/** The counter tells whether packets come by. */
function ruleWords({ address, protocol, ports, mark }: MarkRule): string {
  return `ip daddr ${address} ${protocol} dport { ${inOrder(ports).join(', ')} } counter meta mark set ${mark}`;
}

const RULE =
  /^ip daddr ([\d.]+) (tcp|udp) dport \{ ([\d, ]+) \} counter (?:packets \d+ bytes \d+ )?(?:meta )?mark set (0x[\da-f]{1,8}|\d{1,10})$/;

/** Versions of nft differ in how they print priorities, numbers and spaces. */
function readLine(raw: string): string {
  const line = raw.trim().replaceAll(/\s+/g, ' ');
  const [, address, protocol, ports, mark] = RULE.exec(line) ?? [];
  if (address === undefined || ports === undefined || mark === undefined) {
    return line
      .replace(/priority mangle;/, 'priority -150;')
      .replace(/counter packets \d+ bytes \d+/, 'counter');
  }
  return markText({
    address,
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
    ports: ports.split(',').map(Number),
    mark: Number(mark),
  });
}
