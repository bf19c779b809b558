import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { PlaybookError } from '../../engine/model/failures/errors.ts';
import { type Change, type Resource, type Target, value } from '../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { isOlder } from '../../platforms/version.ts';
import { type Fields, fieldChanges } from '../field-changes.ts';
import { account, line, text } from '../schemas.ts';
import { type NginxBuildPlan, stampOf, treePlaces } from './nginx-build-plan.ts';
import { buildScript, clearRemains, OLD_NAMES_FLAG } from './nginx-build-script.ts';
import {
  describe,
  isBuilt,
  type NginxBuildState,
  observeBuild,
  parseBuild,
  withoutRemains,
} from './nginx-build-state.ts';
import { type NginxSharing, sharingOf } from './nginx-sharing.ts';
import { type Downloads } from './source-tarball.ts';

/** The resource of a build, with the path of the binary that it makes. */
export interface NginxBuild extends Resource<NginxBuildState> {
  readonly path: string;
}

/** What nginx is built of, and how. */
interface NginxRecipe {
  readonly version: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly url: string;
  /** A tarball on the controller that is used instead of the download, absolute. */
  readonly tarball?: string;
  readonly prefix: string;
  readonly user: string;
  /** Arguments of ./configure beside prefix, user and group. */
  readonly configureArguments: readonly string[];
}

export interface NginxBuildOptions extends NginxRecipe {
  /** Where the tarball comes from. */
  readonly downloads: Downloads;
  /** Not set, this host builds its own. */
  readonly sharing?: NginxSharing;
}

const VERSION = /^\d+(\.\d+)+$/;
const SHA256 = /^[\da-f]{64}$/;
/** Two folders deep at least: what lies there is removed whole. */
const PREFIX = /^(\/\w[\w.+-]*){2,}$/;

/** Where the tutorial installs it. */
const USUAL_PREFIX = '/usr/local/nginx';

/**
 * nginx, configured, compiled and installed from its release tarball, whose checksum is checked before it is unpacked.
 * An nginx that was there before is put aside, and comes back when this one goes.
 * @throws PlaybookError when the prefix is no place for it.
 */
export function nginxBuild({ downloads, sharing, ...recipe }: NginxBuildOptions): NginxBuild {
  const { version, sha256, url, tarball } = recipe;
  const source = {
    name: `nginx-${version}.tar.gz`,
    url,
    sha256,
    ...(tarball !== undefined && { local: tarball }),
  };
  const { upload } = planOf(recipe);
  const made: NginxBuild = {
    ...nginxBuildKind(recipe),
    uploads: [{ source: (when) => downloads.fetch(source, when), path: upload }],
  };
  if (sharing === undefined) return made;
  const { how, plan, uploads, product } = sharingOf(planOf(recipe), sharing);
  return {
    ...made,
    uploads: [...(made.uploads ?? []), ...uploads],
    product,
    diff(observed, to) {
      const changes = diffBuild(observed, to, plan);
      return isBuilt(observed, to) ? [...changes, { field: 'compiled', to: how }] : changes;
    },
    converge: (from, to) => convergeBuild(from, to, plan),
  };
}

/** The kind that journals name: all but where the tarball comes from, which only a new build needs. */
export const nginxBuildKind = defineKind('nginx-build', {
  args: z.object({
    version: z.string().regex(VERSION, 'must be a version'),
    sha256: z.string().regex(SHA256, 'must be a SHA-256'),
    url: line,
    tarball: line.exactOptional(),
    prefix: z.string().regex(PREFIX, 'must be a folder of its own'),
    user: account,
    configureArguments: z.array(line).readonly(),
  }),
  state: z.object({
    version: line,
    stamp: z.object({ text, intact: z.boolean() }).exactOptional(),
    remains: z.enum(['alone', 'beside']).exactOptional(),
  }),
  make: buildResource,
});

function buildResource(recipe: NginxRecipe): NginxBuild {
  const { version, prefix } = recipe;
  const plan = planOf(recipe);
  return {
    // Each place has a past of its own.
    id: prefix === USUAL_PREFIX ? 'nginx from source' : `nginx from source in ${prefix}`,
    path: `${prefix}/sbin/nginx`,
    aim: () => value({ version, stamp: { text: stampOf(plan), intact: true } }),
    observe: observeBuild(plan),
    parse: parseBuild,
    diff: (observed, to) => diffBuild(observed, to, plan),
    converge: (from, to) => convergeBuild(from, to, plan),
    undo: {
      aim: (_found, { before }) => withoutRemains(before),
      // An installation that was interrupted has an empty stamp of ours.
      isForeign(found) {
        if (found.kind === 'absent') return true;
        const { stamp, remains } = found.value;
        if (stamp === undefined) return remains !== 'alone';
        return !(stamp.intact || stamp.text === '');
      },
    },
  };
}

function convergeBuild(
  from: Target<NginxBuildState>,
  to: Target<NginxBuildState>,
  plan: NginxBuildPlan,
): Script {
  const { prefix } = plan;
  const aside = `${prefix}.before-lvslab`;
  const foreign =
    from.kind === 'value' && from.value.stamp === undefined && from.value.remains !== 'alone';
  if (to.kind === 'value' && to.value.stamp !== undefined) {
    if (!isBuilt(from, to)) return clearRemains(plan);
    if (!foreign) return buildScript(plan);
    return lines(sh`mv -- ${prefix} ${aside}`, buildScript(plan), keepFiles(aside, prefix));
  }
  if (foreign) return from.value.remains === undefined ? lines() : clearRemains(plan);
  const bringBack = sh`if [ -e ${aside} ]; then mv -- ${aside} ${prefix}; fi`;
  const { archive, sum, wanted, made } = treePlaces(plan.upload);
  return lines(
    // A tree may have been on its way from or to another host when the power went.
    sh`rm -rf -- ${prefix} ${[archive, sum, wanted, made]}`,
    clearRemains(plan),
    to.kind === 'value' ? bringBack : undefined,
  );
}

/** The files that others put into an nginx: the plan was made of them as they were found. */
const CHANGED_FILES = ['conf/nginx.conf', 'html/index.html'];

function keepFiles(aside: string, prefix: string): Script {
  return sh`
    for file in ${CHANGED_FILES}; do
      if [ -f ${aside}/"$file" ]; then
        rm -f -- ${prefix}/"$file"
        cp -a -- ${aside}/"$file" ${prefix}/"$file"
      fi
    done
  `;
}

function planOf({
  version,
  sha256,
  prefix,
  user,
  configureArguments,
}: NginxRecipe): NginxBuildPlan {
  if (!PREFIX.test(prefix)) {
    throw new PlaybookError(`nginx can't be installed in '${prefix}'`, {
      hint: 'Set nginx_prefix to a folder of its own, like /usr/local/nginx.',
    });
  }
  if (!VERSION.test(version)) throw new PlaybookError(`'${version}' is no nginx version`);
  if (!SHA256.test(sha256)) throw new PlaybookError(`'${sha256}' is no SHA-256`);
  const ownFlags = configureArguments.some((argument) => argument.startsWith('--with-cc-opt='));
  return {
    version,
    sha256,
    prefix,
    upload: `/run/lvslab/uploads/nginx-${version}-${sha256.slice(0, 16)}.tar.gz`,
    configureArguments: [
      `--prefix=${prefix}`,
      `--user=${user}`,
      `--group=${user}`,
      ...configureArguments,
    ],
    needsOldOpensslNames: !ownFlags && usesOldOpensslNames(version),
  };
}

/** nginx speaks OpenSSL 3's language from 1.21.2 on, and in its stable branch from 1.20.2 on. */
function usesOldOpensslNames(version: string): boolean {
  if (version.startsWith('1.20.')) return isOlder(version, '1.20.2');
  return isOlder(version, '1.21.2');
}

function diffBuild(
  observed: Target<NginxBuildState>,
  to: Target<NginxBuildState>,
  { needsOldOpensslNames }: NginxBuildPlan,
): readonly Change[] {
  const fields = (state: Target<NginxBuildState>): Fields => ({
    ...describe(state),
    'what a build left that was cut off':
      state.kind === 'value' && state.value.remains !== undefined ? 'there' : undefined,
  });
  const changes = fieldChanges(fields(observed), fields(to));
  if (!isBuilt(observed, to) || !needsOldOpensslNames) return changes;
  const flag = `${OLD_NAMES_FLAG} where OpenSSL is 3 or newer`;
  return [...changes, { field: 'compiler flag', to: flag, knownAfterApply: true }];
}
