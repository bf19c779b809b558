import { type Script, sh } from '../../../engine/model/shell/script.ts';
import { ARP_REQUEST, ARP_SOCKET } from './arp-perl.ts';

/**
 * Asks a segment twice for an address, and prints the hardware address of everybody who answers within 2 s, each once. The
 * sender's own address is left out, as in a probe (RFC 5227): nobody learns one that may be wrong.
 */
const ASK_ALL = `${ARP_SOCKET}${ARP_REQUEST}my (%seen, $frame);
for (1 .. 2) {
  send($wire, $request, 0) or die "card $card: $!\\n";
  my $left = 1;
  while ($left > 0) {
    my $ready = '';
    vec($ready, fileno($wire), 1) = 1;
    (my $found, $left) = select($ready, undef, undef, $left);
    last unless $found > 0;
    next unless (sysread($wire, $frame, 1500) || 0) >= 42;
    next unless substr($frame, 20, 2) eq pack('n', 2) && substr($frame, 28, 4) eq $wanted;
    my $other = substr($frame, 22, 6);
    next if $other eq $own || $seen{$other}++;
    print join(':', unpack('(H2)6', $other)), "\\n";
  }
}
`;

/** Says to a whole segment, as a request and as a reply, that the card has the address. */
const ANNOUNCE = `${ARP_SOCKET}for my $kind (1, 2, 1, 2) {
  my $frame = ("\\xff" x 6) . $own . pack('n n n C C n', 0x0806, 1, 0x0800, 6, 4, $kind) . $own . $wanted . ("\\xff" x 6) . $wanted;
  send($wire, $frame, 0) or die "card $card: $!\\n";
  select(undef, undef, undef, 0.4);
}
`;

/** Shell function `lvslab_card CARD`: number and hardware address of a card; nothing where it is on no segment. */
const numberAndAddress: Script = sh`
  lvslab_card() {
    ip -o link show dev "$1" | grep -v NOARP |
      sed -n 's/^\([0-9]*\):.*link\/ether \([0-9a-f:]*\).*/\1 \2/p'
  }
`;

/**
 * Shell function `lvslab_who_have CARD ADDRESS`: prints the hardware addresses of all other machines on the segment of a
 * card that say they have the address, a line each; nothing where the card is on no segment. Without Perl, only the first.
 */
export const whoHave: Script = sh`
  ${numberAndAddress}
  lvslab_who_have() {
    card=$(lvslab_card "$1")
    if [ -z "$card" ]; then
      :
    elif command -v perl >/dev/null; then
      perl -e ${ASK_ALL} $card "$2"
    elif ! command -v arping >/dev/null; then
      echo 'neither perl nor arping is installed' >&2
      return 1
    else
      { arping -D -I "$1" -c 2 -w 2 "$2" || :; } |
        sed -n 's/.*\[\([0-9A-Fa-f:]*\)\].*/\1/p' | head -n 1 | tr A-F a-f
    fi
  }
`;

/** Shell function `lvslab_announce CARD ADDRESS`: gratuitous ARP, after which neighbours know where the address is. */
export const announce: Script = sh`
  ${numberAndAddress}
  lvslab_announce() {
    card=$(lvslab_card "$1")
    if [ -z "$card" ]; then
      :
    elif command -v perl >/dev/null; then
      perl -e ${ANNOUNCE} $card "$2"
    elif ! command -v arping >/dev/null; then
      echo 'neither perl nor arping is installed' >&2
      return 1
    else
      ## What it says of answers is no news: nobody has to answer.
      arping -q -U -I "$1" -c 2 "$2" || :
      arping -q -A -I "$1" -c 2 "$2" || :
    fi
  }
`;
