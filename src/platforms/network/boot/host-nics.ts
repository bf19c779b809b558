import { sh } from '../../../engine/model/shell/script.ts';
import { filledLines, section } from '../../sections.ts';

/** Shell that prints the host's NICs with their hardware addresses. Read back with `hostNics`. */
export const observeNics = section(
  'nics',
  sh`ip -o link show | sed -n 's/^[0-9]*: *\([^:@ ]*\).*link\/ether \([0-9a-fA-F:]*\).*/\1 \2/p'`,
);

/** A NIC as it is called now. */
export interface HostNic {
  readonly device: string;
  /** In small letters. */
  readonly mac: string;
}

/** Reads what `observeNics` printed. */
export function hostNics(sections: ReadonlyMap<string, string>): readonly HostNic[] {
  return filledLines(sections.get('nics')).map((line) => {
    const [device = '', mac = ''] = line.trim().split(' ');
    return { device, mac: mac.toLowerCase() };
  });
}
