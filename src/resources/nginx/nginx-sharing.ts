import { createHash } from 'node:crypto';
import { type Product, type Upload } from '../../engine/model/resource.ts';
import { type NginxBuildPlan, stampOf, treePlaces } from './nginx-build-plan.ts';
import { printTree } from './nginx-tree-script.ts';
import { type FoundBuild, type SharedBuilds } from './shared-builds.ts';

/** How hosts that are alike come by one build. */
export interface NginxSharing {
  readonly builds: SharedBuilds;
  /** The inventory name of this one. */
  readonly host: string;
  /** What is known of it before: release and architecture. All else is compared on the hosts. */
  readonly system: string;
}

/** The archive in base64, which is longer by a third and its line breaks. */
const MOST_PRINTED = 96 * 1024 ** 2;

/** What a build is given, and gives, beside what it does by itself. */
interface SharedPart {
  /** Where the build comes from, for people. */
  readonly how: string;
  readonly plan: NginxBuildPlan;
  readonly uploads: readonly Upload[];
  readonly product: Product;
}

/** What lets a host take the tree of another one that is alike, or hand on its own. */
export function sharingOf(own: NginxBuildPlan, { builds, host, system }: NginxSharing): SharedPart {
  const group = createHash('sha256')
    .update(JSON.stringify([system, stampOf(own), own.needsOldOpensslNames]))
    .digest('hex');
  const tree = treePlaces(own.upload);
  const kept = builds.keptFrom(group);
  const find = (part: keyof FoundBuild): Upload['source'] => {
    return async (when) => (await builds.find(group, host, when))?.[part];
  };
  return {
    how:
      kept === undefined
        ? 'once for all real servers that are alike'
        : `taken from ${kept}'s build where this host is alike`,
    plan: { ...own, tree },
    uploads: [
      { source: find('archive'), path: tree.archive, late: true },
      { source: find('sum'), path: tree.sum, late: true },
      // The last one: by then it is clear who builds.
      { source: async () => builds.askFor(group, host), path: tree.wanted, late: true },
    ],
    product: {
      isAwaited: () => builds.isAwaited(group, host),
      script: printTree(tree),
      maxBytes: MOST_PRINTED,
      deliver: (printed) => builds.deliver(group, host, printed),
    },
  };
}
