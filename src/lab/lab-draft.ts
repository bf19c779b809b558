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

/** The lab as the inventory has it: defaults filled in, places kept, nothing judged yet. */
export interface LabDraft {
  readonly director: Host;
  readonly mode: Placed<'nat' | 'dr' | 'tun'>;
  readonly vip: Placed<string> | undefined;
  readonly dip: Placed<string> | undefined;
  readonly outsideDevice: Placed<string> | undefined;
  readonly insideDevice: Placed<string> | undefined;
  readonly port: number;
  readonly prefix: number;
  readonly scheduler: Placed<string>;
  readonly selinux: 'disabled' | 'permissive';
  readonly vaultUrl: string;
  readonly realServers: readonly RealServerDraft[];
  readonly clients: readonly { readonly host: Host; readonly cip: Placed<string> | undefined }[];
}

type SharedDefault =
  'lvs_mode' | 'lvs_port' | 'lvs_prefix' | 'lvs_scheduler' | 'selinux' | 'el7_vault_url';

/** Reads the lab's variables of the hosts in their roles; reports what is missing and what they disagree on. */
export function draftLab(
  { director, realServers, clients }: Roles & { readonly director: Host },
  problems: ProblemList,
): LabDraft {
  const all = [director, ...realServers, ...clients];
  const shared = <K extends LabVariable>(name: K) => sharedSetting(all, name, problems);
  const orDefault = <K extends SharedDefault>(name: K) =>
    shared(name) ?? { value: labDefaults[name], at: director.at };
  const { value: port } = orDefault('lvs_port');
  return {
    director,
    port,
    mode: orDefault('lvs_mode'),
    vip: shared('lvs_vip') ?? requiredSetting(director, 'lvs_vip', problems),
    dip: shared('lvs_dip') ?? requiredSetting(director, 'lvs_dip', problems),
    outsideDevice: requiredSetting(director, 'lvs_vip_interface', problems),
    insideDevice: requiredSetting(director, 'lvs_dip_interface', problems),
    prefix: orDefault('lvs_prefix').value,
    scheduler: orDefault('lvs_scheduler'),
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
