import { type Host } from '../inventory/inventory.ts';
import { labDefaults, type LabVariable } from '../inventory/variables/lab-variables.ts';
import { type ProblemList } from '../inventory/problem-list.ts';
import { type Roles } from './roles.ts';
import {
  addressSetting,
  type Placed,
  requiredSetting,
  settingOf,
  sharedSetting,
} from './settings.ts';

/** A real server as the inventory has it; what is missing was reported. */
export interface RealServerDraft {
  readonly host: Host;
  readonly rip: Placed<string> | undefined;
  readonly device: Placed<string> | undefined;
  readonly port: number;
  readonly weight: Placed<number>;
}

/** A director as the inventory has it; what is missing was reported. */
export interface DirectorDraft {
  readonly host: Host;
  readonly dip: Placed<string> | undefined;
  readonly outsideDevice: Placed<string> | undefined;
  readonly insideDevice: Placed<string> | undefined;
}

/** A virtual service as the inventory has it. */
export interface ServiceDraft {
  /** Whose address the VIP is. */
  readonly director: Host;
  readonly vip: Placed<string> | undefined;
  readonly port: number;
  readonly scheduler: Placed<string>;
}

/** The lab as the inventory has it: defaults filled in, places kept, nothing judged yet. */
export interface LabDraft {
  readonly mode: Placed<'nat' | 'dr' | 'tun'>;
  readonly directors: readonly DirectorDraft[];
  readonly services: readonly ServiceDraft[];
  /** Of every network of the lab. */
  readonly prefix: number;
  readonly selinux: 'disabled' | 'permissive';
  readonly vaultUrl: string;
  readonly realServers: readonly RealServerDraft[];
  readonly clients: readonly { readonly host: Host; readonly cip: Placed<string> | undefined }[];
}

type SharedDefault =
  'lvs_mode' | 'lvs_port' | 'lvs_prefix' | 'lvs_scheduler' | 'selinux' | 'el7_vault_url';

/**
 * Reads the lab's variables of the hosts in their roles; reports what is missing and what they disagree on. The flat
 * variables are the short form of one service, on the first director.
 */
export function draftLab(
  {
    directors,
    realServers,
    clients,
  }: Roles & { readonly directors: readonly [Host, ...(readonly Host[])] },
  problems: ProblemList,
): LabDraft {
  const [director] = directors;
  const all = [...directors, ...realServers, ...clients];
  const shared = <K extends LabVariable>(name: K) => sharedSetting(all, name, problems);
  const orDefault = <K extends SharedDefault>(name: K) =>
    shared(name) ?? { value: labDefaults[name], at: director.at };
  const { value: port } = orDefault('lvs_port');
  const vip = shared('lvs_vip') ?? requiredSetting(director, 'lvs_vip', problems);
  const dip = shared('lvs_dip');
  return {
    mode: orDefault('lvs_mode'),
    directors: directors.map((host) => ({
      host,
      dip: dip ?? requiredSetting(host, 'lvs_dip', problems),
      outsideDevice: requiredSetting(host, 'lvs_vip_interface', problems),
      insideDevice: requiredSetting(host, 'lvs_dip_interface', problems),
    })),
    services: [{ director, vip, port, scheduler: orDefault('lvs_scheduler') }],
    prefix: orDefault('lvs_prefix').value,
    selinux: orDefault('selinux').value,
    vaultUrl: orDefault('el7_vault_url').value,
    realServers: realServers.map((host) => ({
      host,
      rip: addressSetting(host, 'lvs_rip', problems),
      device: requiredSetting(host, 'lvs_interface', problems),
      port: host.settings.lvs_real_port ?? port,
      weight: settingOf(host, 'lvs_weight') ?? { value: labDefaults.lvs_weight, at: host.at },
    })),
    clients: clients.map((host) => ({ host, cip: addressSetting(host, 'lvs_cip', problems) })),
  };
}
