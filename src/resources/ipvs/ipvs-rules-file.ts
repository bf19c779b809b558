import { z } from 'zod';
import { ObserveError } from '../../engine/model/failures/errors.ts';
import {
  absent,
  type Change,
  type Observed,
  type Past,
  type Resource,
  type Target,
  unknown,
  value,
} from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { editRulesText, rulesIn } from '../../ipvs/rules/edit-rules-text.ts';
import { IpvsSyntaxError } from '../../ipvs/ipvs-syntax-error.ts';
import { parseCount } from '../../ipvs/parse-endpoint.ts';
import { type PortNames, readRulesText, type RulesText } from '../../ipvs/rules/rules-text.ts';
import { printSavedTable } from '../../ipvs/table/saved-table.ts';
import { compareTables } from '../../ipvs/table/table-deltas.ts';
import { serviceKey, type VirtualService } from '../../ipvs/virtual-service.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import { fieldChange } from '../field-changes.ts';
import {
  convergeFile,
  diffFile,
  type FileState,
  fileState,
  observeFile,
  parseFile,
} from '../files/file-state.ts';
import { absolutePath, line as oneLine } from '../schemas.ts';
import { ipvsChange } from './ipvs-changes.ts';
import { virtualService } from './virtual-service-schema.ts';

/** A rules file, with what the names of ports in it stand for on its host, where it has any. */
export interface IpvsRulesState {
  readonly file: FileState;
  readonly ports?: PortNames;
}

/** Only root reads and writes the rules. */
const attributes = { mode: '0600', owner: 'root', group: 'root' } as const;

/** The kind that journals name. */
export const ipvsRulesFileKind = defineKind('ipvs-rules-file', {
  args: z.union([
    z.object({ path: absolutePath, services: z.array(virtualService).readonly() }),
    // What journals of earlier versions hold: a file with one service.
    z
      .object({ path: absolutePath, service: virtualService })
      .transform(({ path, service }) => ({ path, services: [service] })),
  ]),
  state: z.object({
    file: fileState,
    ports: z.record(oneLine, z.int().min(0).max(65535)).exactOptional(),
  }),
  make: ({ path, services }): Resource<IpvsRulesState> => rulesFile(path, services),
});

/**
 * Virtual services in the file that `ipvsadm.service` restores at boot. They are compared by what they mean: on EL7 the
 * file is written anew whenever that service stops. Lines about anything else stay, byte for byte.
 */
export function ipvsRulesFile(
  path: string,
  services: readonly VirtualService[],
): Resource<IpvsRulesState> {
  return ipvsRulesFileKind({ path, services });
}

function rulesFile(path: string, services: readonly VirtualService[]): Resource<IpvsRulesState> {
  const keys = keysOf(services);
  return {
    id: `ipvs rules in ${path}`,
    observe: lines(observeFile(path), observePorts(path)),
    parse: (output) => parseRules(path, output, keys),
    aim(found, past) {
      const content = editedText(found, { path, services, past });
      return value({
        file: { content, ...attributes },
        ...(found.kind === 'value' && found.value.ports && { ports: found.value.ports }),
      });
    },
    diff: (from, to) => diffRules(from, to, keys),
    converge: (_from, to) => convergeFile(path, fileOf(to)),
    undo: {
      isForeign: (found, before) =>
        isForeign(readAny(found, keys), readAny(before, keys), services),
    },
  };
}

/** The text with the services in it, and without those that lvslab once put there; what they had replaced comes back. */
function editedText(
  found: Target<IpvsRulesState>,
  {
    path,
    services,
    past,
  }: {
    readonly path: string;
    readonly services: readonly VirtualService[];
    readonly past: Past<IpvsRulesState> | undefined;
  },
): string {
  const wanted = keysOf(services);
  const made = past?.specs.flatMap(({ args }) => [
    ...keysOf(ipvsRulesFileKind.readArgs(args).services),
  ]);
  const gone = new Set(made?.filter((key) => !wanted.has(key)));
  const keys = new Set([...wanted, ...gone]);
  const rules = readState(found, keys);
  if (rules instanceof IpvsSyntaxError) {
    throw new ObserveError(`the state could not be told: ${placeOf(path, rules)}`, {
      step: `ipvs rules in ${path}`,
    });
  }
  const before = readAny(past?.before ?? absent, keys).lines.flatMap((line) =>
    line.key !== undefined && gone.has(line.key) ? [line.text] : [],
  );
  return editRulesText(rules, { services, gone, before });
}

function keysOf(services: readonly VirtualService[]): ReadonlySet<string> {
  return new Set(services.map(serviceKey));
}

/** What names of ports in the file stand for: `ipvsadm` asks the host the same. */
function observePorts(path: string): Script {
  const named = sh`
    {
      tr -s '[:space:]' '\n' <${path} | sed -n 's/^.*:\([A-Za-z][A-Za-z0-9_.+-]*\)$/\1/p' |
        sort -u | head -n 100 | while read -r name; do
          for protocol in tcp udp; do
            getent services "$name/$protocol" |
              sed "s|^[^ ]* *\([0-9]*\)/.*|$name/$protocol \1|"
          done
        done
    } || :
  `;
  return sh`
    if [ -f ${path} ]; then
    ${section('ports', named)}
    fi
  `;
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
  if (state.kind === 'absent') {
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

/** The service by what it means, other lines and attributes by what they are. */
function diffRules(
  from: Target<IpvsRulesState>,
  to: Target<IpvsRulesState>,
  keys: ReadonlySet<string>,
): readonly Change[] {
  const [before, after] = [from, to].map(contentOf);
  const [rules, wanted] = [readAny(from, keys), readAny(to, keys)];
  const content = fieldChange('content', before, after);
  const isAbout = (text: RulesText): string =>
    text.lines
      .flatMap(({ key, text: one }) => (key === undefined ? [one] : []))
      .join('\n')
      .trimEnd();
  const changes = [
    ...compareTables(
      { services: rules.services, foreign: [] },
      { services: wanted.services, foreign: [] },
    ).map(ipvsChange),
    ...(isAbout(rules) === isAbout(wanted) ? [] : content),
    ...attributeChanges(fileOf(from), fileOf(to)),
  ];
  return changes.length === 0 ? content : changes;
}

/** Of a file that comes or goes, nobody asks for these. */
function attributeChanges(from: Target<FileState>, to: Target<FileState>): readonly Change[] {
  if (from.kind !== to.kind) return [];
  return diffFile(from, to).filter(({ field }) => field !== 'content');
}

/** Whether there is a rule that was neither there before nor is lvslab's, or a service of before is missing. */
function isForeign(now: RulesText, then: RulesText, services: readonly VirtualService[]): boolean {
  const rules = rulesIn(now.lines);
  const ours = printSavedTable({ services, foreign: [] }).trimEnd().split('\n');
  const keys = keysOf(services);
  const others = then.lines.filter(({ key }) => key === undefined || !keys.has(key));
  return [rulesIn(then.lines), new Set([...rulesIn(others), ...ours])].every((known) => {
    const isNew = [...rules].some((rule) => !known.has(rule));
    // Of what is no service (time-outs, daemons), `ipvsadm-save` writes nothing down.
    const isMissing = [...known].some((rule) => /^-[Aa] /.test(rule) && !rules.has(rule));
    return isNew || isMissing;
  });
}

function fileOf(state: Target<IpvsRulesState>): Target<FileState> {
  return state.kind === 'value' ? value(state.value.file) : absent;
}

function contentOf(state: Target<IpvsRulesState>): string | undefined {
  return state.kind === 'value' ? state.value.file.content : undefined;
}
