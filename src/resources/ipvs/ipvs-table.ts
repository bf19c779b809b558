import { defineKind } from '../../engine/model/resource-kind.ts';
import {
  absent,
  type Observed,
  type Resource,
  type Target,
  unknown,
  value,
} from '../../engine/model/resource.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { onceForAll } from '../../engine/model/shell/shared-shell.ts';
import { IpvsSyntaxError } from '../../ipvs/ipvs-syntax-error.ts';
import { parseProcTable } from '../../ipvs/table/proc-table.ts';
import { parsePrintedTable } from '../../ipvs/thresholds.ts';
import { compareTables, type Delta, deltaCommand } from '../../ipvs/table/table-deltas.ts';
import { type IpvsTable, serviceKey, type VirtualService } from '../../ipvs/virtual-service.ts';
import { printIpvsTable } from '../../platforms/ipvs-table-script.ts';
import { parseSections, section } from '../../platforms/sections.ts';
import { ipvsChange } from './ipvs-changes.ts';
import { virtualService } from './virtual-service-schema.ts';

/** Read once for all services. ipvsadm itself would load the module, so it is asked only where that is there. */
const printedTable = onceForAll(
  'ipvs_table',
  sh`
    if [ -e /proc/net/ip_vs ]; then
    if command -v ipvsadm >/dev/null; then
    ${section('saved', printIpvsTable)}
    else
    ${section('proc', sh`cat /proc/net/ip_vs`)}
    fi
    fi
  `,
);

/**
 * One virtual service in the kernel's live table, with exactly these servers. Other services are none of its business,
 * and the table is never emptied: each difference is one `ipvsadm` command.
 */
export const ipvsTable = defineKind('ipvs-table', {
  args: virtualService,
  state: virtualService,
  make: (service): Resource<VirtualService> => ({
    id: `ipvs service ${serviceKey(service)}`,
    aim: () => value(service),
    observe: printedTable,
    parse: (output) => parseTable(output, serviceKey(service)),
    diff: (observed, to) => deltasOf(observed, to).map(ipvsChange),
    converge: (from, to) => lines(...deltasOf(from, to).map((delta) => sh`${deltaCommand(delta)}`)),
  }),
});

function parseTable(output: string, key: string): Observed<VirtualService> {
  const sections = parseSections(output);
  const saved = sections.get('saved');
  const proc = sections.get('proc');
  const keys = new Set([key]);
  try {
    if (saved !== undefined) return find(parsePrintedTable(saved, { keys }), key);
    return proc === undefined ? absent : find(parseProcTable(proc, { keys }), key);
  } catch (error) {
    if (error instanceof IpvsSyntaxError) return unknown(`the IPVS table: ${error.message}`);
    throw error;
  }
}

function find({ services, foreignKeys = [] }: IpvsTable, key: string): Observed<VirtualService> {
  if (foreignKeys.includes(key)) {
    return unknown(`the IPVS table: ${key} has a server that lvslab can't describe (IPv6)`);
  }
  const found = services.find((service) => serviceKey(service) === key);
  return found === undefined ? absent : value(found);
}

function deltasOf(from: Target<VirtualService>, to: Target<VirtualService>): readonly Delta[] {
  return compareTables(tableOf(from), tableOf(to));
}

function tableOf(state: Target<VirtualService>): IpvsTable {
  return { services: state.kind === 'absent' ? [] : [state.value], foreign: [] };
}
