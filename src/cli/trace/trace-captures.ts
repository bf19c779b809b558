import { type LabIdentity } from '../../embedded/embedded-lab.ts';
import { hostsOfLab } from '../../embedded/lab/lab-hosts.ts';
import { readRecord } from '../../embedded/lab/lab-record.ts';
import { cable } from '../../embedded/lab/wires.ts';
import { type Connection } from '../../engine/model/connection.ts';
import { type CapturePoint } from '../../trace/capture/capture.ts';
import { captureOnCables } from '../../trace/capture/start-capture.ts';
import { type BeginCaptures, captureOnHosts } from '../../trace/trace-request.ts';
import { connectLocally } from '../session/hosts/connect.ts';

/** Captures on the hosts themselves, with the tcpdump that is there. */
export function ownCaptures(hosts: readonly Connection[]): BeginCaptures {
  return async (order) => await captureOnHosts(hosts, order);
}

/** Captures at this machine's ends of an embedded lab's cables; the hosts need nothing for it. */
export function cableCaptures(lab: LabIdentity): BeginCaptures {
  return async (order) => {
    const record = await readRecord(lab);
    const cables = new Map(
      hostsOfLab(record?.realServers).flatMap((host) =>
        host.nics.map((nic): readonly [string, CapturePoint] => [
          cable(host, nic),
          { host: host.name, device: nic.device, mac: nic.mac },
        ]),
      ),
    );
    const machine = await connectLocally('this machine');
    const capturing = await captureOnCables(machine, order, { namespace: lab.name, cables });
    return { capturing: [capturing], sharesClock: true, unheard: [] };
  };
}
