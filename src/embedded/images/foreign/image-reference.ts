import { existsSync } from 'node:fs';
import path from 'node:path';

import { UsageError } from '../../../engine/model/failures/errors.ts';

/** Where a root file system is taken from that is no flavour of lvslab's. */
export type ImageReference =
  | {
      readonly kind: 'registry' | 'layout';
      /** As skopeo takes it: 'docker://registry.example/rocky:9', 'oci:/path:tag'. */
      readonly source: string;
      /** The registry is on this machine, where nobody can listen: it needs no certificate. */
      readonly isLocal: boolean;
    }
  | { readonly kind: 'tarball'; readonly file: string };

const TARBALL = /\.(tar|tar\.(gz|xz|zst|bz2)|tgz|txz)$/;
const REGISTRY = /^docker:\/\/[a-z0-9][\w.:/@-]*$/i;
const LOCAL_REGISTRY = /^docker:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?\//i;

/**
 * Reads what was given with --image.
 * @throws UsageError for anything that is no reference to an image, or a file that is not there.
 */
export function parseImageReference(text: string): ImageReference {
  if (REGISTRY.test(text)) {
    return { kind: 'registry', source: text, isLocal: LOCAL_REGISTRY.test(text) };
  }
  const [, folder = '', tag] = /^oci:([^:]+)(?::([\w.-]+))?$/.exec(text) ?? [];
  if (folder !== '') {
    const layout = path.resolve(folder);
    if (!existsSync(path.join(layout, 'oci-layout'))) {
      throw notUsable(text, `${layout} is no image layout`);
    }
    const source = `oci:${layout}${tag === undefined ? '' : `:${tag}`}`;
    return { kind: 'layout', source, isLocal: true };
  }
  if (!TARBALL.test(text) || /^[a-z-]+:\/\//i.test(text)) {
    throw notUsable(text, 'it names no image');
  }
  const file = path.resolve(text);
  if (!existsSync(file)) throw notUsable(text, `${file} is not there`);
  return { kind: 'tarball', file };
}

function notUsable(text: string, why: string): UsageError {
  return new UsageError(`--image ${text.slice(0, 200)}: ${why}`, {
    hint: 'Give docker://REGISTRY/NAME:TAG, oci:FOLDER:TAG, or a tarball of a root file system (.tar, .tar.gz, .tar.xz, .tar.zst).',
  });
}
