import { type Script, sh } from '../../engine/model/shell/script.ts';
import { ARP_REQUEST, ARP_SOCKET } from '../../platforms/network/arp/arp-perl.ts';

/**
 * Asks a segment for an address with Perl alone, which every Debian has. Arguments: number and hardware address of the
 * card, and the address. Prints the hardware address of who answers, and nothing when nobody has after 3 s.
 */
const ASK = `${ARP_SOCKET}${ARP_REQUEST}my $frame;
for (1 .. 3) {
  send($wire, $request, 0) or die "card $card: $!\\n";
  my $left = 1;
  while ($left > 0) {
    my $ready = '';
    vec($ready, fileno($wire), 1) = 1;
    (my $found, $left) = select($ready, undef, undef, $left);
    last unless $found > 0;
    next unless (sysread($wire, $frame, 1500) || 0) >= 42;
    next unless substr($frame, 12, 2) eq pack('n', 0x0806);
    next unless substr($frame, 28, 4) eq $wanted && substr($frame, 22, 6) ne $own;
    print join(':', unpack('(H2)6', substr($frame, 22, 6))), "\\n";
    exit;
  }
}
`;

/**
 * Shell functions that ask the segment of a card for an address: `lvslab_who_has CARD ADDRESS` prints the hardware
 * address of the machine that has it, and nothing where none answers within 3 s; it fails when it can't ask. The sender's
 * own address is left out, as in duplicate address detection (RFC 5227): nobody learns one that may be wrong.
 */
export const whoHas: Script = sh`
  lvslab_who_has() {
    if arping -V 2>/dev/null | grep -q iputils; then
      status=0
      told=$(arping -D -I "$1" -c 3 -w 3 "$2" 2>&1) || status=$?
      case $status in
        0) ;;
        1)
          printf '%s\n' "$told" | sed -n 's/.*\[\([0-9A-Fa-f:]*\)\].*/\1/p' |
            head -n 1 | tr A-F a-f
          ;;
        *) printf '%s\n' "$told" >&2; return 1 ;;
      esac
    else
      card=$(ip -o link show dev "$1" |
        sed -n 's/^\([0-9]*\):.*link\/ether \([0-9a-f:]*\).*/\1 \2/p')
      perl -e ${ASK} $card "$2"
    fi
  }
  lvslab_has_segment() {
    case $(ip -o link show dev "$1") in
      *NOARP*) return 1 ;;
      *link/ether*) ;;
      *) return 1 ;;
    esac
  }
`;
