import { type Host } from '../inventory/inventory.ts';
import { labDefaults, type LabVariable } from '../inventory/variables/lab-variables.ts';
import { type ServiceEntry } from '../inventory/variables/service-schema.ts';
import { type LvsMode } from '../inventory/variables/value-schemas.ts';
import { type ProblemList } from '../inventory/problem-list.ts';
import { chooseMarks } from './marks.ts';
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
  /** In services that say nothing else; not set, that of the service. */
  readonly port?: number;
  /** In services that say nothing else. */
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
  /** Set where several ports make one service, and its packets are told by a mark; `port` is the first of them. */
  readonly marked?: { readonly ports: readonly number[]; readonly mark: number };
  readonly protocol: 'tcp' | 'udp';
  readonly mode: LvsMode;
  readonly scheduler: Placed<string>;
  /** What the entry of the list says beside; of the short form, nothing. */
  readonly entry: Placed<ServiceEntry>;
}

/** The lab as the inventory has it: defaults filled in, places kept, nothing judged yet. */
export interface LabDraft {
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
  const dip = shared('lvs_dip');
  return {
    directors: directors.map((host) => ({
      host,
      dip: dip ?? requiredSetting(host, 'lvs_dip', problems),
      outsideDevice: requiredSetting(host, 'lvs_vip_interface', problems),
      insideDevice: requiredSetting(host, 'lvs_dip_interface', problems),
    })),
    services: draftServices(
      director,
      {
        list: shared('lvs_services'),
        mode: orDefault('lvs_mode').value,
        vip: shared('lvs_vip'),
        port: orDefault('lvs_port').value,
        scheduler: orDefault('lvs_scheduler'),
      },
      problems,
    ),
    prefix: orDefault('lvs_prefix').value,
    selinux: orDefault('selinux').value,
    vaultUrl: orDefault('el7_vault_url').value,
    realServers: realServers.map((host) => ({
      host,
      rip: addressSetting(host, 'lvs_rip', problems),
      device: requiredSetting(host, 'lvs_interface', problems),
      ...(host.settings.lvs_real_port !== undefined && { port: host.settings.lvs_real_port }),
      weight: settingOf(host, 'lvs_weight') ?? { value: labDefaults.lvs_weight, at: host.at },
    })),
    clients: clients.map((host) => ({ host, cip: addressSetting(host, 'lvs_cip', problems) })),
  };
}

/** The services of the list, or the one of the flat variables, which stand in for what an entry leaves out. */
function draftServices(
  director: Host,
  {
    list,
    mode,
    vip,
    port,
    scheduler,
  }: {
    readonly list: Placed<readonly ServiceEntry[]> | undefined;
    readonly mode: LvsMode;
    readonly vip: Placed<string> | undefined;
    readonly port: number;
    readonly scheduler: Placed<string>;
  },
  problems: ProblemList,
): readonly ServiceDraft[] {
  const entries = list?.value ?? [{}];
  const at = list?.at ?? director.at;
  const isMissing = vip === undefined && entries.some((entry) => entry.vip === undefined);
  const fallback = isMissing ? requiredSetting(director, 'lvs_vip', problems) : vip;
  const drafts = entries.map((entry) => ({
    director,
    vip: entry.vip === undefined ? fallback : { value: entry.vip, at },
    port: entry.port ?? entry.ports?.[0] ?? port,
    protocol: entry.protocol ?? ('tcp' as const),
    mode: entry.mode ?? mode,
    scheduler: entry.scheduler === undefined ? scheduler : { value: entry.scheduler, at },
    entry: { value: entry, at },
  }));
  const marks = chooseMarks(drafts);
  return drafts.map((draft, i) => {
    const { ports } = draft.entry.value;
    const mark = marks[i];
    return ports === undefined || mark === undefined
      ? draft
      : { ...draft, marked: { ports, mark } };
  });
}
