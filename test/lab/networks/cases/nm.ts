import { type FlavourCase, type NetworkCase, otherGateway } from '../network-case.ts';

const FOLDER = '/etc/NetworkManager/system-connections';
/** ifupdown is there, as on each Debian, and knows of no NIC. */
const nothingElse = { '/etc/network/interfaces': 'auto lo\niface lo inet loopback\n' };

/** NetworkManager reads no profile that others may read. */
function profile(content: string): { readonly content: string; readonly mode: number } {
  return { content, mode: 0o600 };
}

const lan = `[connection]
id=lan
uuid=11111111-2222-4333-8444-555555555501
type=ethernet
interface-name=ens33

[ipv4]
address1=192.168.2.128/24,192.168.2.1
method=manual
`;

const outside = { device: 'ens37', address: '192.168.4.133', prefix: 24, dns: [] };

const cases: readonly FlavourCase[] = [
  {
    name: 'a profile with comments, groups that nobody knows, and blanks in its name',
    files: {
      [`${FOLDER}/Wired LAN.nmconnection`]: profile(`# the lan, ask ops first
[connection]
id=Wired LAN
uuid=11111111-2222-4333-8444-555555555501
type=ethernet
interface-name=ens33
# since 2019
autoconnect-priority=5

[weird]
kept=yes

[ipv4]
method=manual
dns=192.168.2.1;
# gateway=192.168.2.99
address1=192.168.2.128/24,192.168.2.1
route1=10.9.0.0/16,192.168.2.9
may-fail=false

[user]
site.rack=7
`),
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: 'the gateway in a key of its own, and a second address',
    files: {
      [`${FOLDER}/lan.nmconnection`]: profile(
        lan.replace(
          'address1=192.168.2.128/24,192.168.2.1\n',
          'address1=192.168.2.50/24\naddress2=192.168.2.128/24\ngateway=192.168.2.1\n',
        ),
      ),
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: 'the default route among the routes',
    files: {
      [`${FOLDER}/lan.nmconnection`]: profile(
        lan.replace(
          ',192.168.2.1\n',
          '\nroute1=0.0.0.0/0,192.168.2.1,50\nroute2=10.9.0.0/16,192.168.2.9\n',
        ),
      ),
    },
    expect: 'made',
  },
  {
    name: 'a profile for a card by its hardware address, of an old spelling',
    files: {
      [`${FOLDER}/lan`]: profile(
        lan
          .replace('type=ethernet\ninterface-name=ens33\n', 'type=802-3-ethernet\n')
          .replace('[ipv4]\n', '[802-3-ethernet]\nmac-address=00:0C:29:53:71:80\n\n[ipv4]\n')
          .replace('address1=', 'addresses1='),
      ),
    },
    expect: 'made',
  },
  {
    name: 'a NIC without a profile',
    files: { [`${FOLDER}/lan.nmconnection`]: profile(lan) },
    settings: [outside],
    expect: 'made',
    inCi: true,
  },
  {
    name: 'a NIC without a profile, where NetworkManager makes none either',
    files: {
      [`${FOLDER}/lan.nmconnection`]: profile(lan),
      '/etc/NetworkManager/conf.d/00-server.conf': '[main]\nno-auto-default=*\nignore-carrier=*\n',
    },
    settings: [outside],
    expect: 'made',
  },
  {
    name: 'a second profile of the NIC that would win at the next boot',
    files: {
      [`${FOLDER}/lan.nmconnection`]: profile(lan),
      [`${FOLDER}/spare.nmconnection`]: profile(
        lan
          .replace('id=lan', 'id=spare')
          .replace('555555555501', '555555555502')
          .replace('[ipv4]', 'autoconnect=false\n\n[ipv4]')
          .replace('192.168.2.128/24', '192.168.2.51/24'),
      ),
    },
    since: {
      [`${FOLDER}/spare.nmconnection`]: profile(
        lan
          .replace('id=lan', 'id=spare')
          .replace('555555555501', '555555555502')
          .replace('[ipv4]', 'autoconnect-priority=99\n\n[ipv4]')
          .replace('192.168.2.128/24', '192.168.2.51/24'),
      ),
    },
    expect: 'either',
  },
  {
    name: "another NIC's default route, of a lower metric",
    files: {
      [`${FOLDER}/lan.nmconnection`]: profile(lan),
      [`${FOLDER}/wan.nmconnection`]: profile(
        lan
          .replace('id=lan', 'id=wan')
          .replace('555555555501', '555555555502')
          .replace('ens33', 'ens37')
          .replace('192.168.2.128/24,192.168.2.1', '192.168.4.128/24,192.168.4.1\nroute-metric=20'),
      ),
    },
    expect: 'either',
  },
  {
    name: 'a lease that becomes a fixed address',
    dhcp: ['192.168.2.128', '192.168.2.128'],
    files: {
      [`${FOLDER}/lan.nmconnection`]: profile(
        lan.replace('address1=192.168.2.128/24,192.168.2.1\nmethod=manual', 'method=auto'),
      ),
      // The other NIC on that segment would take the one address that there is, as soon as it is given up.
      '/etc/NetworkManager/conf.d/no-auto-default.conf': '[main]\nno-auto-default=*\n',
    },
    expect: 'either',
  },
  {
    name: 'a bridge',
    files: bridge(),
    settings: [{ ...otherGateway, device: 'br0' }],
    expect: 'made',
  },
  { name: "a bridge's port", files: bridge(), expect: /br0/, inCi: true },
  {
    name: 'ifupdown names the NIC, too',
    files: {
      [`${FOLDER}/lan.nmconnection`]: profile(lan),
    },
    since: {
      '/etc/network/interfaces':
        'auto lo\niface lo inet loopback\n\nauto ens33\niface ens33 inet static\n  address 192.168.2.128/24\n',
    },
    expect: /ifupdown|interfaces/,
  },
];

function bridge(): NetworkCase['files'] {
  return {
    [`${FOLDER}/br0.nmconnection`]: profile(
      lan
        .replace('id=lan', 'id=br0')
        .replace('type=ethernet\ninterface-name=ens33', 'type=bridge\ninterface-name=br0')
        .replace('[ipv4]', '[bridge]\nstp=false\n\n[ipv4]'),
    ),
    [`${FOLDER}/port.nmconnection`]: profile(`[connection]
id=port
uuid=11111111-2222-4333-8444-555555555503
type=ethernet
interface-name=ens33
master=br0
slave-type=bridge
`),
  };
}

export const nmCases: readonly NetworkCase[] = cases.map((one) => ({
  ...one,
  files: { ...nothingElse, ...one.files },
  flavour: 'debian-nm',
}));
