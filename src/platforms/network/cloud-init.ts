import { lines, sh } from '../../engine/model/shell/script.ts';
import { onceForAll } from '../../engine/model/shell/shared-shell.ts';
import { filledLines, section } from '../sections.ts';
import { parseListed, showFiles } from './boot/listed-files.ts';
import { type ConfigFile, type NetworkConfig } from './network-backend.ts';

const FOLDER = '/etc/cloud/cloud.cfg.d';

/** The file that has cloud-init leave the network alone. */
const cloudInitSwitch = `${FOLDER}/99-lvslab-network.cfg`;

/**
 * Shell that prints whether cloud-init is there, whether it may write the network's files, and our file that forbids it. Read
 * back with `cloudInitIn`.
 */
export const observeCloudInit = onceForAll(
  'cloud_init',
  lines(
    showFiles,
    section('cloud-init switch', sh`lvslab_show ${cloudInitSwitch}`),
    section(
      'cloud-init',
      sh`
    if [ -d ${FOLDER} ]; then
      if [ -e /etc/cloud/cloud-init.disabled ] || {
        cat /etc/cloud/cloud.cfg ${FOLDER}/*.cfg 2>/dev/null | tr -d ' \n' | grep -q 'network:{*config:disabled'
      }; then echo off; else echo on; fi
    fi
  `,
    ),
  ),
);

/** What was found of cloud-init: words for a backend's `known`, and our file, where it is there. */
interface CloudInit {
  readonly known: readonly string[];
  readonly files: readonly ConfigFile[];
}

/** Reads what `observeCloudInit` printed. */
export function cloudInitIn(sections: ReadonlyMap<string, string>): CloudInit {
  const listed = parseListed(sections.get('cloud-init switch'));
  return {
    known: filledLines(sections.get('cloud-init')).map((line) => line.trim()),
    files: listed.kind === 'value' ? listed.value : [],
  };
}

/** Whether cloud-init wrote a file: it says so in the first lines, or in the name. */
function isByCloudInit({ path, text }: Pick<ConfigFile, 'path' | 'text'>): boolean {
  return (
    /\/[^/]*cloud-init[^/]*$/.test(path) ||
    /^\s*#.*(cloud-init|information provided by the datasource)/im.test(
      text.split('\n').slice(0, 6).join('\n'),
    )
  );
}

/**
 * The files with one more that keeps cloud-init from writing over those that are changed, where it may.
 * @param before as they were found.
 */
export function keptFromCloudInit(
  files: readonly ConfigFile[],
  { files: before, known }: Pick<NetworkConfig, 'files' | 'known'>,
): readonly ConfigFile[] {
  const isAtRisk = files.some(
    (file) => isByCloudInit(file) && !before.some((found) => found === file),
  );
  if (!isAtRisk || known['cloudInit']?.includes('on') !== true) return files;
  if (files.some(({ path }) => path === cloudInitSwitch)) return files;
  const text =
    '# Written by lvslab, for the network has files of its own here.\nnetwork: {config: disabled}\n';
  return [...files, { path: cloudInitSwitch, text, mode: '644', owner: 0 }];
}
