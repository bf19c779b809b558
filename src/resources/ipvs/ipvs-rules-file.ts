import { ObserveError } from '../../engine/model/errors.ts';
import {
  type Change,
  type Observed,
  type Resource,
  type Target,
  absent,
  unknown,
  value,
} from '../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../engine/model/script.ts';
import { editRulesText, rulesIn, type RulesWish } from '../../ipvs/rules/edit-rules-text.ts';
import { IpvsSyntaxError } from '../../ipvs/ipvs-syntax-error.ts';
import { parseCount } from '../../ipvs/parse-endpoint.ts';
import { type PortNames, readRulesText, type RulesText } from '../../ipvs/rules/rules-text.ts';
import { printSavedTable } from '../../ipvs/table/saved-table.ts';
import { compareTables } from '../../ipvs/table/table-deltas.ts';
import { serviceKey, type VirtualService } from '../../ipvs/virtual-service.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import {
  convergeFile,
  diffFile,
  type FileState,
  observeFile,
  parseFile,
  printText,
  replaceFile,
} from '../files/file-state.ts';
import { fieldChanges } from '../field-changes.ts';
import { ipvsChange } from './ipvs-changes.ts';
import { parseSpec } from '../parse-spec.ts';

/** A rules file as it was found, with what the names of ports in it stand for there, where it has any. */
interface FoundRules {
  readonly kind: 'file';
  readonly file: FileState;
  readonly ports?: PortNames;
}

/** Either the service that the file shall hold beside others, or the file as it was found. */
export type IpvsRulesState =
  { readonly kind: 'service'; readonly service: VirtualService } | FoundRules;

/** Only root reads and writes the rules. */
const attributes = { mode: '0600', owner: 'root', group: 'root' } as const;

/**
 * The virtual service in the file that `ipvsadm.service` restores at boot. The service is compared by what it means: on
 * EL7 the file is written anew whenever that service stops. Lines about anything else stay, byte for byte.
 */
export function ipvsRulesFile(path: string, service: VirtualService): Resource<IpvsRulesState> {
  return rulesFile(path, service, { keys: new Set(), before: absent });
}

/** Services that lvslab once put into the file, and the file before it did. */
interface FormerServices {
  readonly keys: ReadonlySet<string>;
  readonly before: Target<IpvsRulesState>;
}

function rulesFile(
  path: string,
  service: VirtualService,
  former: FormerServices,
): Resource<IpvsRulesState> {
  const keys = new Set([serviceKey(service), ...former.keys]);
  const read = (state: Target<IpvsRulesState>): RulesText => {
    const rules = readState(state, keys);
    if (!(rules instanceof IpvsSyntaxError)) return rules;
    throw new ObserveError(`the state could not be told: ${placeOf(path, rules)}`, {
      step: `ipvs rules in ${path}`,
    });
  };
  const there = readAny(former.before, keys);
  const wish: RulesWish = {
    service,
    gone: former.keys,
    before: there.lines.flatMap((line) =>
      line.key !== undefined && former.keys.has(line.key) ? [line.text] : [],
    ),
  };
  const wanted = [...there.services.filter((known) => former.keys.has(serviceKey(known))), service];
  return {
    id: `ipvs rules in ${path}`,
    spec: { kind: 'ipvs-rules-file', args: { path, service } },
    desired: value({ kind: 'service', service }),
    observe: lines(observeFile(path), observePorts(path)),
    parse: (output) => parseRules(path, output, keys),
    diff: (observed, to) =>
      to.kind === 'value' && to.value.kind === 'service'
        ? diffService(observed, read(observed).services, wanted)
        : diffFile(fileOf(observed), fileOf(to)),
    converge: (observed, to) =>
      to.kind === 'value' && to.value.kind === 'service'
        ? replaceFile(path, printText(editRulesText(read(observed), wish)), attributes)
        : convergeFile(path, fileOf(to)),
    isForeign: (observed, before) =>
      isForeign(readAny(observed, keys), readAny(before, keys), service),
    withPast({ specs, before }) {
      const past = specs.map(({ args }) => serviceKey(parseSpec('ipvs-rules-file', args).service));
      const others = past.filter((key) => key !== serviceKey(service));
      return rulesFile(path, service, { keys: new Set(others), before });
    },
  };
}

/** What names of ports in the file stand for: `ipvsadm` asks the host the same. */
function observePorts(path: string): Script {
  return lines(
    sh`if [ -f ${path} ]; then`,
    section(
      'ports',
      sh`{ tr -s '[:space:]' '\\n' <${path} | sed -n 's/^.*:\\([A-Za-z][A-Za-z0-9_.+-]*\\)$/\\1/p' | sort -u | head -n 100 | while read -r name; do
  for protocol in tcp udp; do getent services "$name/$protocol" | sed "s|^[^ ]* *\\([0-9]*\\)/.*|$name/$protocol \\1|"; done
done; } || :`,
    ),
    trusted('fi'),
  );
}

function parseRules(
  path: string,
  output: string,
  keys: ReadonlySet<string>,
): Observed<IpvsRulesState> {
  const file = parseFile(output);
  if (file.kind !== 'value') return file;
  if (file.value.encoding !== undefined) return unknown(`${path} holds something else than text`);
  const ports = parsePorts(parseSections(output).get('ports'));
  const found: Target<IpvsRulesState> = value({
    kind: 'file',
    file: file.value,
    ...(Object.keys(ports).length > 0 && { ports }),
  });
  const rules = readState(found, keys);
  return rules instanceof IpvsSyntaxError ? unknown(placeOf(path, rules)) : found;
}

function placeOf(path: string, { line, reason }: IpvsSyntaxError): string {
  return `${path}:${line}: ${reason}`;
}

function parsePorts(text: string | undefined): PortNames {
  return Object.fromEntries(
    filledLines(text).flatMap((line) => {
      const [name = '', number] = line.trim().split(/\s+/);
      const port = parseCount(number, 65535);
      return port === undefined ? [] : [[name, port]];
    }),
  );
}

/** @returns an error for what can't be judged. */
function readState(
  state: Target<IpvsRulesState>,
  keys: ReadonlySet<string>,
): RulesText | IpvsSyntaxError {
  if (state.kind === 'absent' || state.value.kind !== 'file') {
    return readRulesText('', { keys, ports: {} });
  }
  const { file, ports = {} } = state.value;
  try {
    return readRulesText(file.content, { keys, ports });
  } catch (error) {
    if (error instanceof IpvsSyntaxError) return error;
    throw error;
  }
}

/** A file that can't be judged is still so many lines, and none of them is a service that is asked for. */
function readAny(state: Target<IpvsRulesState>, keys: ReadonlySet<string>): RulesText {
  const rules = readState(state, keys);
  if (!(rules instanceof IpvsSyntaxError)) return rules;
  const file = fileOf(state);
  const text = file.kind === 'value' ? file.value.content : '';
  return { lines: text.split('\n').map((line) => ({ text: line, rule: line })), services: [] };
}

function diffService(
  observed: Target<IpvsRulesState>,
  found: readonly VirtualService[],
  wanted: readonly VirtualService[],
): readonly Change[] {
  const file = fileOf(observed);
  const { mode, owner, group } = file.kind === 'value' ? file.value : attributes;
  return [
    ...compareTables({ services: found, foreign: [] }, { services: wanted, foreign: [] }).map(
      ipvsChange,
    ),
    ...fieldChanges({ mode, owner, group }, attributes),
  ];
}

/** Whether there is a rule that was neither there before nor is lvslab's, or a service of before is missing. */
function isForeign(now: RulesText, then: RulesText, service: VirtualService): boolean {
  const rules = rulesIn(now.lines);
  const ours = printSavedTable({ services: [service], foreign: [] })
    .trimEnd()
    .split('\n');
  const others = then.lines.filter(({ key }) => key !== serviceKey(service));
  return [rulesIn(then.lines), new Set([...rulesIn(others), ...ours])].every((known) => {
    const isNew = [...rules].some((rule) => !known.has(rule));
    // Of what is no service (time-outs, daemons), `ipvsadm-save` writes nothing down.
    const isMissing = [...known].some((rule) => /^-[Aa] /.test(rule) && !rules.has(rule));
    return isNew || isMissing;
  });
}

function fileOf(state: Target<IpvsRulesState>): Target<FileState> {
  return state.kind === 'value' && state.value.kind === 'file' ? value(state.value.file) : absent;
}
