/** How Perl makes a socket for ARP: number and hardware address of the card, and an address. */
export const ARP_SOCKET = `use strict;
my ($card, $mac, $address) = @ARGV;
my ($own, $wanted) = (pack('H12', $mac =~ tr/://dr), pack('C4', split(/[.]/, $address)));
socket(my $wire, 17, 3, unpack('S', pack('n', 0x0806))) or die "no packet socket: $!\\n";
bind($wire, pack('S n i S C C x8', 17, 0x0806, $card, 0, 0, 0)) or die "card $card: $!\\n";
`;

/**
 * The question who has the address, to the whole segment. The sender's own address is left out, as in duplicate address
 * detection (RFC 5227): nobody learns one that may be wrong.
 */
export const ARP_REQUEST = `my $request = ("\\xff" x 6) . $own . pack('n n n C C n', 0x0806, 1, 0x0800, 6, 4, 1) . $own . pack('x10') . $wanted;
`;
