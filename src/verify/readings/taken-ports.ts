import { type Connection } from '../../engine/model/connection.ts';
import { sh } from '../../engine/model/shell/script.ts';
import { filledLines } from '../../platforms/sections.ts';
import { observeParts, parsed, type VerifyContext } from './observe-parts.ts';

/** More than any client has ports; no more is read. */
const MOST_BYTES = 400_000;

/**
 * The ports from which datagrams came to a VIP, as far as its director still knows: IPVS keeps their connections for minutes,
 * and takes one more datagram from such a port for none that is new. None where they can't be read.
 * @param vip IPv4, dotted.
 */
export async function readTakenPorts(
  director: Connection,
  vip: string,
  context: VerifyContext,
): Promise<readonly number[]> {
  const entry = `s/^UDP *[0-9A-F]\\{8\\} \\([0-9A-F]\\{4\\}\\) ${hexOf(vip)} .*/\\1/p`;
  const listed = sh`
    if [ -e /proc/net/ip_vs_conn ]; then
      sed -n ${entry} /proc/net/ip_vs_conn | head -c ${MOST_BYTES}
    fi
  `;
  const [printed] = await observeParts(director, [listed], context);
  const ports = parsed(printed, (text) =>
    filledLines(text).map((line) => Number.parseInt(line, 16)),
  );
  return ports.kind === 'value' ? [...new Set(ports.value)].filter((port) => port > 0) : [];
}

/** As /proc/net/ip_vs_conn prints it: 'C0A80485'. */
function hexOf(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return bytes.join('').toUpperCase();
}
