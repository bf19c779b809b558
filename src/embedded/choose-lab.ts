import { EmbeddedLabError } from '../engine/model/failures/errors.ts';
import { type LabIdentity } from './embedded-lab.ts';
import { parseImageReference } from './images/foreign/image-reference.ts';
import { pinImage } from './images/foreign/pin-image.ts';
import { defaultFlavour, type Flavour, ofAnImage } from './images/recipes/image-recipe.ts';
import { usualRealServers } from './lab/lab-hosts.ts';
import { type LabMode } from './lab/lab-modes.ts';
import { type LabRecord } from './lab/lab-record.ts';
import { chooseDirector } from './machine/choose-director.ts';
import { chooseRealServers } from './machine/choose-real-servers.ts';
import { requireTools } from './machine/system-packages.ts';
import { imageTools } from './machine/system-tools.ts';
import { type Accelerator, probeIpip, probeVirtualization } from './machine/virtualization.ts';

/** What a person may want of a lab. */
export interface LabRequest {
  /** Not set: that of the lab that is there, else `defaultFlavour`. */
  readonly flavour?: Flavour | undefined;
  /** An image that the hosts are made of instead: a reference as `parseImageReference` reads it. */
  readonly image?: string | undefined;
  /** What the networks are made for. Not set: what those of the lab that is there are made for, else `defaultMode`. */
  readonly mode?: LabMode | undefined;
  /** Its hosts are to be such that it can be of any mode later. */
  readonly everyMode?: boolean | undefined;
  /** How many there are, 1 to 8. Not set: as many as the lab that is there has, else two. */
  readonly realServers?: number | undefined;
  readonly accelerator: 'auto' | Accelerator;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Refuses what a lab that is there can't become.
 * @throws EmbeddedLabError
 */
export async function requireFitting(
  lab: LabIdentity,
  found: LabRecord,
  asked: LabRequest & { readonly mode: LabMode },
): Promise<void> {
  requireSame(lab, found, asked);
  if (needsTunnel(asked.mode, asked)) await requireTunnelEnds(lab, found, asked.signal);
}

/** What a new lab is made of, and its hosts run in. */
export async function chosenFor(
  { paths }: LabIdentity,
  options: LabRequest & { readonly mode: LabMode },
): Promise<LabRecord> {
  const { flavour, image, realServers = usualRealServers, accelerator, signal, mode } = options;
  const found = await probeVirtualization(paths.cache, signal);
  const director = chooseDirector(found, accelerator);
  const made = { ...(await madeOf(flavour, image, signal)), realServers, ...director };
  if (!needsTunnel(mode, options)) return made;
  const ends = chooseRealServers({ ...found, ipip: await probeIpip(signal) }, accelerator);
  return { ...made, ...ends, reasons: [...new Set([...director.reasons, ...ends.reasons])] };
}

function needsTunnel(mode: LabMode, { everyMode = false }: Pick<LabRequest, 'everyMode'>): boolean {
  return everyMode || mode === 'tun';
}

/** @throws EmbeddedLabError where the real servers of a lab that is there can't be the end of a tunnel. */
async function requireTunnelEnds(
  lab: LabIdentity,
  { realServersIn }: LabRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (realServersIn === 'vm') return;
  const { usable, reason } = await probeIpip(signal);
  if (usable) return;
  throw new EmbeddedLabError(
    `the real servers of the lab ${lab.name} are containers, and ${reason}: LVS-TUN needs it on each of them`,
    {
      step: 'mode',
      hint: `Take it down first with \`lvslab lab down -n ${lab.name}\`: a lab that is brought up with --mode tun has virtual machines for real servers.`,
    },
  );
}

/** @throws EmbeddedLabError where something else is asked for that the lab that is there keeps. */
function requireSame(
  lab: LabIdentity,
  found: LabRecord,
  { flavour, image, realServers }: Pick<LabRequest, 'flavour' | 'image' | 'realServers'>,
): void {
  const there = found.realServers ?? usualRealServers;
  if (realServers !== undefined && realServers !== there) {
    throw new EmbeddedLabError(`the lab ${lab.name} is up with ${there} real servers`, {
      step: 'real servers',
      hint: `Take it down first with \`lvslab lab down\`: their number stays.`,
    });
  }
  const isSame =
    image === undefined
      ? flavour === undefined || flavour === found.flavour
      : image === found.image?.reference;
  if (isSame) return;
  const what =
    found.image === undefined ? `flavour ${found.flavour}` : `image ${found.image.reference}`;
  throw new EmbeddedLabError(`the lab ${lab.name} is up with the ${what}`, {
    step: 'flavour',
    hint: `Take it down first with \`lvslab lab down\`: a lab has one flavour.`,
  });
}

async function madeOf(
  flavour: Flavour = defaultFlavour,
  image: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Pick<LabRecord, 'flavour' | 'image'>> {
  if (image === undefined) return { flavour };
  const parsed = parseImageReference(image);
  if (parsed.kind !== 'tarball') requireTools(imageTools);
  return { flavour: ofAnImage, image: await pinImage(image, parsed, { signal }) };
}
