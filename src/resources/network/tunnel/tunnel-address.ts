import { z } from 'zod';
import { defineKind } from '../../../engine/model/resource-kind.ts';
import {
  absent,
  type Change,
  type Observed,
  type Resource,
  type Target,
  value,
} from '../../../engine/model/resource.ts';
import { lines, sh } from '../../../engine/model/shell/script.ts';
import {
  TUNNEL_DEVICE,
  tunnelEvidence,
  tunnelUnit,
  tunnelUnitText,
} from '../../../platforms/network/tunnel-unit.ts';
import { parseSections, section } from '../../../platforms/sections.ts';
import { fieldChange } from '../../field-changes.ts';
import {
  convergeFile,
  type FileAim,
  fileState,
  observeFile,
  parseFile,
} from '../../files/file-state.ts';
import { service } from '../../systemd/service.ts';

/** An address of the tunnel, and the unit that gives it back at boot. */
interface TunnelAddressState {
  readonly isThere: boolean;
  /** Not set where there is no such unit. */
  readonly file?: FileAim;
}

/**
 * An address on tunl0, now and at every boot: one that the host takes packets for which come out of the tunnel. A unit of
 * lvslab's gives it back whoever configures the network: none of them can be told of a device that a kernel module brings.
 * @param address IPv4 dotted.
 */
export function tunnelAddress(address: string): readonly Resource[] {
  return [tunnelAddressKind({ address }), service({ name: tunnelUnit(address), enabled: true })];
}

/** The address and the text of the unit. */
export const tunnelAddressKind = defineKind('tunnel-address', {
  args: z.object({ address: z.ipv4() }),
  state: z.object({ isThere: z.boolean(), file: fileState.exactOptional() }),
  make: ({ address }) => addressResource(address),
});

function addressResource(address: string): Resource<TunnelAddressState> {
  const path = `/etc/systemd/system/${tunnelUnit(address)}`;
  const words = [`${address}/32`, 'dev', TUNNEL_DEVICE];
  return {
    id: `address ${address} on ${TUNNEL_DEVICE}`,
    observe: lines(
      section(
        'now',
        sh`
          if [ -e ${tunnelEvidence} ]; then
            ip -o -4 addr show dev ${TUNNEL_DEVICE} to ${`${address}/32`}
          fi
        `,
      ),
      observeFile(path),
    ),
    parse: (output) => parseFound(address, output),
    aim(found) {
      const { file } = stateOf(found);
      const content = tunnelUnitText(address);
      return value({ isThere: true, file: content === file?.content ? file : { content } });
    },
    diff: (from, to) => diffAddress(path, stateOf(from), stateOf(to)),
    converge(from, to) {
      const [before, after] = [stateOf(from), stateOf(to)];
      const isWritten = before.file?.content === after.file?.content;
      const target = after.file === undefined ? absent : value(after.file);
      const write = isWritten ? undefined : convergeFile(path, target);
      if (before.isThere === after.isThere) return lines(write);
      // It goes from the file first: whatever comes between, the next boot does not bring it back.
      return after.isThere
        ? lines(sh`ip addr add ${words}`, write)
        : lines(write, sh`ip addr del ${words}`);
    },
  };
}

function parseFound(address: string, output: string): Observed<TunnelAddressState> {
  const file = parseFile(output);
  if (file.kind === 'unknown') return file;
  const now = parseSections(output).get('now') ?? '';
  return value({
    // One with a shorter prefix is somebody else's: the host takes a whole network for its own.
    isThere: now.includes(` inet ${address}/32 `),
    ...(file.kind === 'value' && { file: file.value }),
  });
}

function diffAddress(
  path: string,
  from: TunnelAddressState,
  to: TunnelAddressState,
): readonly Change[] {
  const thereOrNot = ({ isThere }: TunnelAddressState) => (isThere ? 'there' : undefined);
  return [
    ...fieldChange('now', thereOrNot(from), thereOrNot(to)),
    ...fieldChange(path, from.file?.content, to.file?.content),
  ];
}

function stateOf(state: Target<TunnelAddressState>): TunnelAddressState {
  return state.kind === 'value' ? state.value : { isThere: false };
}
