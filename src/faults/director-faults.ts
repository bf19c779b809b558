import { PlaybookError } from '../engine/model/failures/errors.ts';
import { directory } from '../resources/files/directory.ts';
import { absentFile, file } from '../resources/files/file.ts';
import { liveLink } from '../resources/network/live-link.ts';
import { unitFile } from '../resources/systemd/unit-file.ts';
import { unloadedModule } from '../resources/kernel/unloaded-module.ts';
import { liveAddress } from '../resources/network/live-address.ts';
import { liveRoute } from '../resources/network/live-route.ts';
import { service } from '../resources/systemd/service.ts';
import { sysctl } from '../resources/kernel/sysctl/sysctl.ts';
import { type Resource } from '../engine/model/resource.ts';
import { directorOf, type PlayContext } from '../playbook.ts';
import { clientOf, dropping, type Fault, serviceOf, wrongGateway } from './fault.ts';

const everyMode = ['nat', 'dr', 'tun'] as const;

const FORWARD = 'net.ipv4.ip_forward';

/** As the sample that keepalived comes with. */
const KEEPALIVED = 'global_defs {\n  vrrp_strict\n}\n';

const STAND_IN = `[Unit]
Description=a stand-in for firewalld, made by lvslab break

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true

[Install]
WantedBy=multi-user.target
`;

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
    id: 'L04',
    title: "the director's firewall drops requests",
    modes: everyMode,
    on: 'director',
    resources: (context: PlayContext): readonly Resource[] => {
      const { address, port } = serviceOf(context);
      return dropping(context, { table: 'lvslab-break', address, port });
    },
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
    id: 'L08',
    title: 'keepalived drops what is for the VIP',
    modes: everyMode,
    on: 'director',
    resources: (context: PlayContext): readonly Resource[] => {
      const { address } = serviceOf(context);
      return [
        directory({ path: '/etc/keepalived' }),
        file({ path: '/etc/keepalived/keepalived.conf', content: KEEPALIVED, mode: '0644' }),
        // Made by keepalived itself where it runs with that line.
        ...dropping(context, { table: 'keepalived', address }),
      ];
    },
  },
  {
    id: 'L11',
    title: 'IPVS is not loaded',
    modes: everyMode,
    on: 'director',
    resources: (context: PlayContext): readonly Resource[] => {
      checkModules(context);
      const { rulesFile } = context.platform;
      return [
        service({ name: rulesFile.service, active: false }),
        unloadedModule({ name: 'ip_vs' }),
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
  {
    id: 'L33',
    title: 'the NIC towards the clients is down',
    modes: everyMode,
    on: 'director',
    resources: (context: PlayContext): readonly Resource[] => {
      const { device } = directorOf(context).outside;
      checkNotOurWay(context, device);
      return [liveLink({ device, up: false })];
    },
  },
  {
    id: 'L36',
    title: 'the firewall comes back at the next boot',
    modes: everyMode,
    on: 'director',
    resources: ({ platform }: PlayContext): readonly Resource[] => [
      // Where there is no firewalld, a unit of that name takes its part, and does nothing.
      ...(platform.packages.manager.name === 'apt'
        ? [unitFile({ name: 'firewalld.service', content: STAND_IN })]
        : []),
      service({ name: 'firewalld', enabled: true, active: false }),
    ],
  },
];

/** @throws PlaybookError where the modules of the kernel are somebody else's, as in a container. */
function checkModules({ facts, name }: Pick<PlayContext, 'facts' | 'name'>): void {
  if (facts.ipvsModules !== undefined) return;
  throw new PlaybookError('the modules of this kernel can not be unloaded from there', {
    host: name,
    hint: 'Break something else: `lvslab break --list` has all of it.',
  });
}

/** @throws PlaybookError where lvslab itself comes in by this NIC, or that is not known. */
function checkNotOurWay({ facts, name }: Pick<PlayContext, 'facts' | 'name'>, nic: string): void {
  const { controllerDevice: device } = facts;
  if (device !== undefined && device !== nic) return;
  throw new PlaybookError(`lvslab reaches ${name} by ${nic}, so it does not take it down`, {
    host: name,
    hint: 'Break something else: `lvslab break --list` has all of it.',
  });
}
