import { quote } from '../../../engine/model/shell/script.ts';
import { keyfileFault } from '../formats/ini-text.ts';
import { type NmProfile, readKeyfile } from '../formats/nm-profile.ts';
import { type BootConflict } from './boot-view.ts';
import { type HostNic } from './host-nics.ts';
import { type ListedFile } from './listed-files.ts';

/** Whether NetworkManager takes the file for a profile. */
export function isRead(file: ListedFile): boolean {
  const { path, text } = file;
  const isWhole = text.trim() !== '' && keyfileFault(text) === undefined;
  return isProfileName(path) && isWhole && isSafe(file);
}

function isProfileName(path: string): boolean {
  return !/(~|[.](der|pem|p12|pfx)|[.][A-Za-z0-9]{6})$/i.test(path);
}

function isSafe({ mode, owner }: ListedFile): boolean {
  return owner === 0 && /^[0-7]?00$/.test(mode.padStart(3, '0'));
}
/** Profiles for the NIC that NetworkManager refuses, for others could have read or written them. */
export function insecure(files: readonly ListedFile[], nic: HostNic): readonly BootConflict[] {
  return files
    .filter((file) => isProfileName(file.path) && file.text.trim() !== '' && !isSafe(file))
    .filter(({ text }) => isFor(readKeyfile(text).profile, nic))
    .map(({ path, mode, owner }) => ({
      file: path,
      line: 0,
      why: `NetworkManager refuses a profile of mode ${mode} and owner ${owner}`,
      hint: `Run \`chown root: ${path} && chmod 600 ${path}\`, or take the file away.`,
    }));
}

/** Files about the NIC, as far as they can be read, that NetworkManager refuses as a whole. */
export function garbled(files: readonly ListedFile[], nic: HostNic): readonly BootConflict[] {
  return files
    .filter(({ path, text }) => isProfileName(path) && keyfileFault(text) !== undefined)
    .filter(({ text }) => isFor(readKeyfile(text).profile, nic))
    .map(({ path, text }) => ({
      file: path,
      line: keyfileFault(text) ?? 0,
      why: 'the line is no assignment, so NetworkManager refuses the whole profile',
      hint: `Write the line as key=value, or take ${quote(path)} away.`,
    }));
}

/** Whether a profile is for this NIC. */
export function isFor(
  { type, interfaceName, macAddress }: NmProfile,
  { device, mac }: HostNic,
): boolean {
  if (interfaceName !== undefined && interfaceName !== device) return false;
  if (macAddress !== undefined && macAddress.toLowerCase() !== mac) return false;
  return interfaceName !== undefined || type === 'ethernet' || type === '802-3-ethernet';
}
