import {
  type InterfaceSettings,
  type NetworkBackend,
} from '../../../platforms/network/network-backend.ts';
import { aimAtBefore, aimAtSettings } from './interface-aim.ts';
import { diffInterface } from './interface-diff.ts';
import { type InterfaceState, writtenPaths } from './interface-state.ts';

/**
 * Whether others have changed a NIC since lvslab did: a file that lvslab wrote is neither as it was nor as lvslab makes
 * it, or what differs from before is nothing that the settings ask for.
 */
export function isForeignInterface(
  found: InterfaceState,
  before: InterfaceState,
  { settings, backend }: { readonly settings: InterfaceSettings; readonly backend: NetworkBackend },
): boolean {
  const nothingElse = { backend, past: undefined };
  const made = aimAtSettings(before, settings, nothingElse);
  // What a file about several NICs says of the others is not known here.
  const ours = writtenPaths(before.files, made.files).filter((path) =>
    path.includes(settings.device),
  );
  const isEdited = ours.some(
    (path) =>
      writtenPaths(only(path, found), only(path, before)).length > 0 &&
      writtenPaths(only(path, found), only(path, made)).length > 0,
  );
  if (isEdited) return true;
  const past = {
    before,
    specs: [{ kind: '', args: settings }],
    outcomes: [],
    settingsOf: () => settings,
  };
  const pending = diffInterface(found, aimAtBefore(found, settings, { past, backend }));
  const wanted = diffInterface(found, aimAtSettings(found, settings, nothingElse));
  return pending.some(({ field }) => wanted.some((change) => change.field === field));
}

function only(path: string, { files }: InterfaceState): InterfaceState['files'] {
  return files.filter((file) => file.path === path);
}
