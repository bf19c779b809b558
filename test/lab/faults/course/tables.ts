import { connectionCut, sessionKilled, stalled } from '../kinds/connection-faults.ts';
import { controllerKilled, killedOnDirector } from '../kinds/controller-killed.ts';
import { diskFull, partitionFull, readOnly } from '../kinds/disk-faults.ts';
import { hostKeyChanged, noSudo, noTerminal, wrongSudoPassword } from '../kinds/login-faults.ts';
import { packageSource } from '../kinds/package-faults.ts';
import { clockOff, directorPowerCut, powerCut } from '../kinds/power-faults.ts';
import { type LabMode } from '../../../../src/embedded/lab/lab-modes.ts';
import { type Scenario } from './scenario.ts';
import { secondFault } from '../kinds/second-faults.ts';
import { changedMeanwhile, foreignEdit } from '../kinds/stale-faults.ts';
import { bitFlipped, rulesFlipped, secondController } from '../kinds/state-faults.ts';
import { tarballDamaged } from '../kinds/tarball-faults.ts';
import { tornWrite } from '../kinds/torn-faults.ts';
import {
  killedBesideTunnel,
  killedBesideVip,
  killedOnVipDirector,
  powerCutBesideTunnel,
  powerCutBesideVip,
} from '../kinds/vip-faults.ts';

/** What is done to a lab of LVS-NAT. */
const natRows: readonly Scenario[] = [
  controllerKilled,
  killedOnDirector,
  directorPowerCut,
  rulesFlipped,
  clockOff,
  connectionCut,
  sessionKilled,
  powerCut,
  diskFull,
  partitionFull,
  readOnly,
  packageSource,
  tarballDamaged,
  wrongSudoPassword,
  noTerminal,
  noSudo,
  hostKeyChanged,
  bitFlipped,
  changedMeanwhile,
  foreignEdit,
  tornWrite,
  secondFault,
  secondController,
  // It keeps both real servers waiting for minutes: by then, the next lab comes up.
  stalled,
];

/** Faults, where they are tried, and what lvslab does there meanwhile. */
export interface FaultTable {
  readonly mode: LabMode;
  readonly rows: readonly Scenario[];
  /** What is applied to a real server. */
  readonly realServerPlaybook: string;
  /** How the names of the labs begin. */
  readonly labPrefix: string;
}

export const natFaults: FaultTable = {
  mode: 'nat',
  rows: natRows,
  realServerPlaybook: 'test/lab/faults/playbooks/real-server-playbook.ts',
  labPrefix: 'lvf',
};

/** What the other modes add to the plays: addresses that real servers have for themselves, and who is asked for them. */
export const vipFaults: FaultTable = {
  mode: 'dr',
  rows: [killedBesideVip, powerCutBesideVip, killedOnVipDirector],
  realServerPlaybook: 'test/lab/faults/playbooks/vip-playbook.ts',
  labPrefix: 'lvd',
};

/** The same where the packets come through a tunnel: its module, its device, and the address on it. */
export const tunnelFaults: FaultTable = {
  ...vipFaults,
  mode: 'tun',
  rows: [killedBesideTunnel, powerCutBesideTunnel],
  labPrefix: 'lvx',
};

/** All of them; docs/faults.md shows them. */
export const scenarios: readonly Scenario[] = [natFaults, vipFaults, tunnelFaults].flatMap(
  ({ rows }) => rows,
);

/** Faults that other tests of the lab bring about. */
interface TriedElsewhere extends Pick<Scenario, 'answer' | 'fault' | 'injected'> {
  readonly test: string;
}

export const triedElsewhere: readonly TriedElsewhere[] = [
  {
    fault: 'the power is cut inside the guarded window of a change of the network',
    injected:
      'lvslab is killed, and all processes of the host end at once: 50, 500 and 1500 ms into the change, and while it waits for its confirmation; with ifupdown, EL7’s network service, NetworkManager, netplan and systemd-networkd',
    answer:
      'the host boots with what it had before, to the byte, whoever runs its network, and a teardown leaves nothing',
    test: 'test/lab/faults/kinds/window-cuts.ts',
  },
  {
    fault: 'the wrong gateway, netmask or device; an address that another machine has',
    injected: 'random wrong settings in the inventory, and a second machine with the address',
    answer:
      'the host goes back by itself to what it had, or nothing is changed there, and the error says what was tried',
    test: 'test/lab/flavours/network-safety.ts',
  },
];
