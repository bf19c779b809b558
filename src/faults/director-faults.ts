import { absentFile, file } from '../resources/files/file.ts';
import { liveAddress } from '../resources/network/live-address.ts';
import { liveRoute } from '../resources/network/live-route.ts';
import { service } from '../resources/systemd/service.ts';
import { sysctl } from '../resources/kernel/sysctl/sysctl.ts';
import { type Resource } from '../engine/model/resource.ts';
import { directorOf, type PlayContext } from '../playbook.ts';
import { clientOf, type Fault, serviceOf, wrongGateway } from './fault.ts';

const everyMode = ['nat', 'dr', 'tun'] as const;

const FORWARD = 'net.ipv4.ip_forward';

/** What goes wrong on the director, beside its table. */
export const directorFaults: readonly Fault[] = [
  {
    id: 'L03',
    title: 'the director does not forward',
    modes: ['nat'],
    on: 'director',
    resources: () => [sysctl({ key: FORWARD, value: '0' })],
  },
  {
    id: 'L07',
    title: 'rp_filter is strict, and the way back leads elsewhere',
    modes: ['nat'],
    on: 'director',
    resources: (context: PlayContext): readonly Resource[] => {
      const { inside, outside } = directorOf(context);
      return [
        sysctl({ key: `net.ipv4.conf.${outside.device}.rp_filter`, value: '1' }),
        liveRoute({
          address: clientOf(context),
          gateway: wrongGateway(context),
          device: inside.device,
        }),
      ];
    },
  },
  {
    id: 'L12',
    title: 'the rules were never saved where they are loaded from',
    modes: everyMode,
    on: 'director',
    resources: ({ platform: { rulesFile } }) => [
      file({ path: rulesFile.path, content: '', mode: '0600' }),
    ],
  },
  {
    id: 'L22',
    title: 'somebody has stopped the service that holds the rules',
    modes: everyMode,
    on: 'director',
    resources: ({ platform: { rulesFile } }) => [
      service({ name: rulesFile.service, active: false }),
    ],
  },
  {
    id: 'L23',
    title: 'the VIP is gone',
    modes: ['nat'],
    on: 'director',
    resources: (context: PlayContext): readonly Resource[] => {
      const { outside } = directorOf(context);
      const { address } = serviceOf(context);
      return [
        liveAddress({ device: outside.device, address, length: outside.prefix, isThere: false }),
      ];
    },
  },
  {
    id: 'L26',
    title: 'forwarding was switched on by hand alone',
    modes: ['nat'],
    on: 'director',
    resources: () => [absentFile(`/etc/sysctl.d/99-zz-lvslab-${FORWARD}.conf`)],
  },
  {
    id: 'L29',
    title: 'the director has no way to a real server',
    modes: everyMode,
    on: 'director',
    resources: ({ lab }) =>
      lab.realServers
        .slice(-1)
        .map(({ nic }) => liveRoute({ address: nic.address, isRefused: true })),
  },
  {
    id: 'L30',
    title: 'the director has no way to the client',
    modes: ['nat'],
    on: 'director',
    resources: (context) => [liveRoute({ address: clientOf(context), isRefused: true })],
  },
];
