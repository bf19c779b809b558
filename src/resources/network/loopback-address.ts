import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import {
  absent,
  type Change,
  type Observed,
  type Resource,
  type Target,
  value,
} from '../../engine/model/resource.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { type Facts } from '../../platforms/facts/facts.ts';
import { loopbackLabel } from '../../platforms/network/loopback/loopback-label.ts';
import { type LoopbackFormat } from '../../platforms/network/loopback/loopback-format.ts';
import { loopbackFormat, needsUnit } from '../../platforms/network/loopback/loopback-formats.ts';
import { loopbackUnit } from '../../platforms/network/loopback/loopback-unit.ts';
import { backendOfNic } from '../../platforms/network/owners/backend-of.ts';
import { type Platform } from '../../platforms/platform.ts';
import { parseSections, section } from '../../platforms/sections.ts';
import { fieldChange } from '../field-changes.ts';
import {
  convergeFile,
  type FileAim,
  fileState,
  observeFile,
  parseFile,
} from '../files/file-state.ts';
import { line, networkConfiguration } from '../schemas.ts';
import { service } from '../systemd/service.ts';

/** An address of the loopback device, and the file that it is written down in. */
interface LoopbackState {
  readonly path: string;
  readonly isThere: boolean;
  /** Not set where there is no such file. */
  readonly file?: FileAim;
}

/**
 * An address on the loopback device, now and at every boot: one that the host takes packets for, and that no NIC of it
 * carries. /32, for with a shorter prefix the host would take a whole network for its own.
 * @param address IPv4 dotted.
 * @param nic whoever configures this NIC configures the loopback device, too.
 */
export function loopbackAddress(
  { platform, facts }: { readonly platform: Platform; readonly facts: Facts },
  address: string,
  nic: string,
): readonly Resource[] {
  const { name } = backendOfNic(facts, nic, () => platform.network);
  const own = loopbackBy({ networkConfiguration: name, address });
  return needsUnit(name) ? [own, service({ name: loopbackUnit(address), enabled: true })] : [own];
}

/** The address, in the files of one way of configuring the network. */
export const loopbackBy = defineKind('loopback-address', {
  args: z.object({ networkConfiguration, address: z.ipv4() }),
  state: z.object({ path: line, isThere: z.boolean(), file: fileState.exactOptional() }),
  make: ({ networkConfiguration: way, address }): Resource<LoopbackState> =>
    addressResource(loopbackFormat(way), address),
});

function addressResource(format: LoopbackFormat, address: string): Resource<LoopbackState> {
  return {
    id: `address ${address} on lo`,
    observe: lines(
      section('now', sh`ip -o -4 addr show dev lo to ${`${address}/32`}`),
      format.locate(address),
      section('path', sh`printf '%s\n' "$path"`),
      observeFile(sh`"$path"`),
    ),
    parse: parseFound,
    aim(found) {
      const { path, file } = stateOf(found);
      const content = format.merge(file?.content, address);
      return value({
        path,
        isThere: true,
        file: content === file?.content ? file : { content },
      });
    },
    diff: (from, to) => diffAddress(stateOf(from), stateOf(to)),
    converge(from, to) {
      const [before, after] = [stateOf(from), stateOf(to)];
      const isWritten = before.file?.content === after.file?.content;
      const target = after.file === undefined ? absent : value(after.file);
      const found = before.file === undefined ? absent : value(before.file);
      const write = isWritten ? undefined : convergeFile(after.path, target, found);
      const words = [`${address}/32`, 'dev', 'lo'];
      if (before.isThere === after.isThere) return lines(write);
      // It goes from the file first: whatever comes between, the next boot does not bring it back.
      return after.isThere
        ? lines(sh`ip addr add ${words} label ${loopbackLabel(address)}`, write)
        : lines(write, sh`ip addr del ${words}`);
    },
  };
}

function parseFound(output: string): Observed<LoopbackState> {
  const sections = parseSections(output);
  const file = parseFile(output);
  if (file.kind === 'unknown') return file;
  return value({
    path: sections.get('path') ?? '',
    isThere: (sections.get('now') ?? '').trim() !== '',
    ...(file.kind === 'value' && { file: file.value }),
  });
}

function diffAddress(from: LoopbackState, to: LoopbackState): readonly Change[] {
  return [
    ...fieldChange('now', thereOrNot(from), thereOrNot(to)),
    ...fieldChange(to.path, from.file?.content, to.file?.content),
  ];
}

function thereOrNot({ isThere }: LoopbackState): string | undefined {
  return isThere ? 'there' : undefined;
}

/** The device is always there. */
function stateOf(state: Target<LoopbackState>): LoopbackState {
  return state.kind === 'value' ? state.value : { path: '', isThere: false };
}
