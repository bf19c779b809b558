import { type Observed, value } from '../../engine/model/resource.ts';
import { renderTemplate } from '../../templates.ts';
import { observeIfupdown, readIfupdown } from './boot/ifupdown/ifupdown-boot.ts';
import { type BootConflict } from './boot/boot-view.ts';
import { ifupdownViewOf } from './boot/ifupdown/ifupdown-view.ts';
import { readInterfaces } from './boot/ifupdown/interfaces-stanzas.ts';
import { mergeInterfaces } from './formats/interfaces-text.ts';
import {
  type NetworkBackend,
  type NetworkConfig,
  type ProfileSettings,
} from './network-backend.ts';

/** /etc/network/interfaces and the files that it reads, the way of Debian. */
export const ifupdown: NetworkBackend = {
  name: 'ifupdown',
  title: 'ifupdown',
  observe: observeIfupdown,
  read,
  aim,
  atBoot: { program: 'ifup', package: 'ifupdown' },
  route: {
    // The scripts of that folder are run when a NIC comes up; names with dots are passed over.
    path: ({ address }) => `/etc/network/if-up.d/lvslab-route-${address.replaceAll('.', '-')}`,
    merge: (_text, route) => renderTemplate('route.hbs', { ...route }),
    mode: '0755',
  },
};

function read(output: string, device: string): Observed<NetworkConfig> {
  const found = readIfupdown(output, device);
  if (found.kind !== 'value') return found;
  const { files, auto, defaults, scripts, boot } = found.value;
  const { newFile, ...view } = boot;
  return value({ files, boot: view, known: { auto, defaults, scripts, newFile: [newFile] } });
}

function aim(found: NetworkConfig, settings: ProfileSettings): NetworkConfig {
  const { files, known } = found;
  const { device } = settings;
  const { auto = [], defaults = [], scripts = [] } = known;
  const newFile = newFileFor(found, device);
  const before = new Map(files.map(({ path, text }) => [path, text]));
  const after = mergeInterfaces(before, { newFile, auto, settings });
  if ([...after].every(([path, text]) => before.get(path) === text)) return found;
  const texts = [...after].map(([path, text]) => ({ path, text }));
  const started = [...new Set([...auto, ...startedIn(texts)])];
  const { newFile: next, ...boot } = ifupdownViewOf(texts, {
    device,
    auto: started,
    defaults,
    scripts,
  });
  const isNew = (path: string): boolean => !before.has(path);
  return {
    files: [
      ...files.map((file) => {
        const text = after.get(file.path) ?? file.text;
        const { path, mode, owner } = file;
        return text === file.text ? file : { path, text, mode, owner };
      }),
      ...texts
        .filter(({ path }) => isNew(path))
        .map((file) => ({ ...file, mode: '644', owner: 0 })),
    ],
    boot: { ...boot, conflicts: [...boot.conflicts, ...heirs(texts, device)] },
    known: { ...known, auto: started, newFile: [next] },
  };
}

/** Where a stanza of a NIC would be read, which is another file for each NIC; as was found where there is no file at all. */
function newFileFor({ files, known }: NetworkConfig, device: string): string {
  const [found = ''] = known['newFile'] ?? [];
  if (files.length === 0) return found;
  return ifupdownViewOf(files, { device, auto: [], defaults: [] }).newFile;
}

/** An option of a stanza's own, beside an inherited one of that name, is an error. */
function heirs(
  texts: readonly { readonly path: string; readonly text: string }[],
  device: string,
): readonly BootConflict[] {
  return readInterfaces(texts)
    .stanzas.filter((stanza) => stanza.device === device && stanza.family === 'inet')
    .flatMap(({ inherits, file, line }) =>
      inherits === undefined
        ? []
        : [
            {
              file,
              line,
              why: `the stanza of ${device} inherits from ${inherits}, so nothing can be set in it`,
              hint: `Write the options of ${inherits} into the stanza, in the place of the word inherits.`,
            },
          ],
    );
}

/** What the `auto` lines name; a pattern there is for the real reader alone. */
function startedIn(texts: readonly { readonly text: string }[]): readonly string[] {
  return texts.flatMap(({ text }) =>
    text.split('\n').flatMap((line) => {
      const [keyword = '', ...names] = line.trim().split(/\s+/);
      return keyword === 'auto' ? names.filter((name) => !name.startsWith('/')) : [];
    }),
  );
}
