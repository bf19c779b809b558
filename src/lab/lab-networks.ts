import { InterfaceAddress } from '../net/interface-address.ts';
import { IpAddress } from '../net/ip-address.ts';
import { type Attachment, type Lab, type LabInterface, type LabNetwork } from './lab.ts';

/** The networks that the hosts of a lab are in, the directors' first. */
export function networksOf({
  directors,
  realServers,
  clients,
}: Pick<Lab, 'directors' | 'realServers' | 'clients'>): readonly LabNetwork[] {
  const nics = [
    ...directors.flatMap(({ name, outside, inside }) =>
      [...new Set([outside, inside])].map((nic) => attach(name, nic)),
    ),
    ...realServers.map(({ name, nic }) => attach(name, nic)),
  ];
  const networks = new Map(nics.map(({ network }) => [network.text, network]));
  return [...networks.values()].map((network) => ({
    network,
    attachments: [
      ...nics.flatMap((nic) => (nic.network.text === network.text ? [nic.attachment] : [])),
      ...clients.flatMap(({ name, address }): Attachment[] =>
        network.contains(IpAddress.of(address)) ? [{ host: name, address }] : [],
      ),
    ],
  }));
}

function attach(host: string, { device, address, prefix }: LabInterface) {
  const { network } = InterfaceAddress.of(IpAddress.of(address), prefix);
  return { network, attachment: { host, device, address } };
}
