import { type VirtualService } from '../ipvs/virtual-service.ts';
import { type Lab, type RealServer } from './lab.ts';
import { type Mode } from './modes/mode.ts';
import { modes } from './modes/modes.ts';

/** The lab as one service of it has it: with its mode, its ports and its weights. */
export function labOfService(lab: Lab, service: VirtualService): Lab {
  return { ...lab, mode: modeOf(lab, service), realServers: serversOf(lab, service) };
}

/** The mode of a service of the lab, by which its servers stand in the director's table. */
export function modeOf(
  lab: Pick<Lab, 'mode'>,
  { destinations: [first] }: Pick<VirtualService, 'destinations'>,
): Mode {
  return modes.find(({ method }) => method === first?.method) ?? lab.mode;
}

/** The modes of a lab's services, each once. */
export function modesOf(lab: Pick<Lab, 'mode' | 'services'>): readonly Mode[] {
  return modes.filter((mode) => lab.services.some((service) => modeOf(lab, service) === mode));
}

/** Where the real servers have a VIP of their lab; undefined where they have not got it. */
export function vipDeviceOf(
  lab: Pick<Lab, 'mode' | 'services'>,
  address: string,
): Mode['vipDevice'] {
  const service = lab.services.find((one) => one.address === address);
  return service === undefined ? undefined : modeOf(lab, service).vipDevice;
}

function serversOf(
  { realServers }: Pick<Lab, 'realServers'>,
  service: VirtualService,
): readonly RealServer[] {
  return realServers.flatMap((server, i) => {
    const destination = service.destinations[i];
    return destination === undefined
      ? []
      : [
          {
            ...server,
            // Packets that go by a mark keep their port; of those, the first stands for all.
            port: service.mark === undefined ? destination.port : service.port,
            weight: destination.weight,
          },
        ];
  });
}
