import {
  type Change,
  type Observed,
  type Resource,
  type Target,
  absent,
  value,
} from '../engine/resource.ts';
import { type Script } from '../engine/script.ts';
import { IpvsSyntaxError } from '../ipvs/ipvs-syntax-error.ts';
import { parseSavedTable, printSavedTable } from '../ipvs/saved-table.ts';
import { compareTables } from '../ipvs/table-deltas.ts';
import { type IpvsTable, serviceKey, type VirtualService } from '../ipvs/virtual-service.ts';
import {
  convergeFile,
  diffFile,
  type FileState,
  observeFile,
  parseFile,
  printText,
  replaceFile,
} from './file-state.ts';
import { fieldChanges } from './field-changes.ts';
import { ipvsChange } from './ipvs-changes.ts';

/** Either the service that the file shall hold beside others, or the file as it was found. */
export type IpvsRulesState =
  | { readonly kind: 'service'; readonly service: VirtualService }
  | { readonly kind: 'file'; readonly file: FileState };

/** Only root reads and writes the rules. */
const attributes = { mode: '0600', owner: 'root', group: 'root' } as const;

/**
 * The virtual service in the file that `ipvsadm.service` restores at boot. The file is compared by what it means: on EL7
 * the service itself writes it anew whenever it stops.
 */
export function ipvsRulesFile(path: string, service: VirtualService): Resource<IpvsRulesState> {
  return rulesFile(path, service, { keys: new Set(), before: [] });
}

/** Services that lvslab once put into the file, and those among them that were there before it did. */
interface FormerServices {
  readonly keys: ReadonlySet<string>;
  readonly before: readonly VirtualService[];
}

function rulesFile(
  path: string,
  service: VirtualService,
  former: FormerServices,
): Resource<IpvsRulesState> {
  const tableFrom = (table: IpvsTable): IpvsTable => withService(without(table, former), service);
  return {
    id: `ipvs rules in ${path}`,
    spec: { kind: 'ipvs-rules-file', args: { path, service } },
    desired: value({ kind: 'service', service }),
    observe: observeFile(path),
    parse(output): Observed<IpvsRulesState> {
      const file = parseFile(output);
      return file.kind === 'value' ? value({ kind: 'file', file: file.value }) : file;
    },
    diff: (observed, to) =>
      to.kind === 'value' && to.value.kind === 'service'
        ? diffService(fileOf(observed), tableFrom)
        : diffFile(fileOf(observed), fileOf(to)),
    converge: (from, to) =>
      to.kind === 'value' && to.value.kind === 'service'
        ? writeService(path, fileOf(from), tableFrom)
        : convergeFile(path, fileOf(to)),
    isForeign(observed, before) {
      const [now, then] = [tableIn(fileOf(observed)), tableIn(fileOf(before))];
      return [then, withService(then, service)].every(
        (known) => compareTables(now, known).length > 0,
      );
    },
    withPast({ specs, before }) {
      const services = specs.map(({ args }) => (args as RulesFileSpec).service);
      const keys = new Set(services.map(serviceKey));
      keys.delete(serviceKey(service));
      const found = tableIn(fileOf(before)).services.filter((known) => keys.has(serviceKey(known)));
      return rulesFile(path, service, { keys, before: found });
    },
  };
}

interface RulesFileSpec {
  readonly service: VirtualService;
}

function diffService(
  file: Target<FileState>,
  tableFrom: (table: IpvsTable) => IpvsTable,
): readonly Change[] {
  const table = tableIn(file);
  const { mode, owner, group } = file.kind === 'value' ? file.value : attributes;
  return [
    ...compareTables(table, tableFrom(table)).map(ipvsChange),
    ...fieldChanges({ mode, owner, group }, attributes),
  ];
}

function writeService(
  path: string,
  file: Target<FileState>,
  tableFrom: (table: IpvsTable) => IpvsTable,
): Script {
  const text = printSavedTable(tableFrom(tableIn(file)));
  return replaceFile(path, printText(text), attributes);
}

function withService({ services, foreign }: IpvsTable, service: VirtualService): IpvsTable {
  const key = serviceKey(service);
  const others = services.filter((other) => serviceKey(other) !== key);
  return { services: [...others, service], foreign };
}

/** What lvslab put there goes; what it changed is again what it was. */
function without({ services, foreign }: IpvsTable, { keys, before }: FormerServices): IpvsTable {
  const others = services.filter((service) => !keys.has(serviceKey(service)));
  return { services: [...others, ...before], foreign };
}

/** What can't be read could not be restored either, so nothing of it is kept. */
function tableIn(file: Target<FileState>): IpvsTable {
  try {
    return parseSavedTable(file.kind === 'absent' ? '' : file.value.content);
  } catch (error) {
    if (error instanceof IpvsSyntaxError) return { services: [], foreign: [] };
    throw error;
  }
}

function fileOf(state: Target<IpvsRulesState>): Target<FileState> {
  return state.kind === 'value' && state.value.kind === 'file' ? value(state.value.file) : absent;
}
