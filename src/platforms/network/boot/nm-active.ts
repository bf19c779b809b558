import { type Script, sh } from '../../../engine/model/shell/script.ts';
import { filledLines } from '../../sections.ts';
import { type NmProfile } from '../formats/nm-profile.ts';
import { type BootConflict } from './boot-view.ts';

/** Shell that prints which profile is active on which NIC, and where it lies. Read back with `activeIn`. */
export const observeActive: Script = sh`
  LC_ALL=C.UTF-8 nmcli -t -f DEVICE,UUID,FILENAME connection show --active 2>/dev/null || :
`;

/** A profile that is active on a NIC. */
interface ActiveProfile {
  readonly device: string;
  readonly uuid: string;
  /** NetworkManager has made it by itself, in memory. */
  readonly isAutomatic: boolean;
}

/** Reads what `observeActive` printed; NICs whose names nmcli would have to escape are none of ours. */
export function activeIn(text?: string): readonly ActiveProfile[] {
  return filledLines(text).flatMap((line) => {
    const [, device, uuid, file = ''] =
      /^([^:\\]{1,15}):([0-9a-f-]{36}):(.*)$/.exec(line.trim()) ?? [];
    if (device === undefined || uuid === undefined) return [];
    const isAutomatic = file.startsWith('/run/NetworkManager/') && !/\/netplan-[^/]*$/.test(file);
    return [{ device, uuid, isAutomatic }];
  });
}

/** A profile, and the absolute path of its file. */
type FiledProfile = NmProfile & { readonly file: string };

/**
 * What keeps from taking over the profile that the boot will choose: another one is active, and says something else of the
 * addresses. Which of the two is meant, a person knows.
 * @param active the uuid of the active one.
 */
export function displacement(
  {
    profile,
    beaten,
  }: { readonly profile?: FiledProfile; readonly beaten: readonly FiledProfile[] },
  active?: string,
): BootConflict | undefined {
  const former = beaten.find(({ uuid }) => uuid === active);
  if (former === undefined || profile === undefined) return undefined;
  if (addressing(former) === addressing(profile)) return undefined;
  return {
    file: profile.file,
    line: 0,
    why: `it takes the place of ${former.file}, which is active now, at the next boot`,
    hint: `Run \`nmcli connection up uuid ${profile.uuid}\` if it is meant to, or give it autoconnect=false.`,
  };
}

/** All that a profile says of a NIC's addresses, to be compared. */
function addressing({ method, addresses, gateway }: NmProfile): string {
  return JSON.stringify([method, addresses.map(({ target }) => target).toSorted(), gateway]);
}
