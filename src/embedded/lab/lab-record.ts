import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { EmbeddedLabError } from '../../engine/model/failures/errors.ts';
import { type LabIdentity } from '../embedded-lab.ts';
import { flavours, ofAnImage } from '../images/recipes/image-recipe.ts';
import { type LabHostSpec, mostRealServers } from './lab-hosts.ts';
import { labModes } from './lab-modes.ts';

const schema = z
  .object({
    flavour: z.enum([...flavours, ofAnImage]),
    /** Of the flavour 'image': which one. */
    image: z
      .object({
        reference: z.string(),
        source: z.string(),
        digest: z.string().regex(/^[0-9a-f]{64}$/),
      })
      .readonly()
      .optional(),
    /** What the networks are made for; not set, LVS-NAT. */
    mode: z.enum(labModes).optional(),
    /** How many real servers there are; not set, as many as in the documented lab. */
    realServers: z.int().min(1).max(mostRealServers).optional(),
    /** What the director runs in. */
    director: z.enum(['container', 'vm']),
    /** What the real servers run in; not set, containers. */
    realServersIn: z.enum(['container', 'vm']).optional(),
    /** Of the virtual machines; not set when there is none. */
    accelerator: z.enum(['kvm', 'tcg']).optional(),
    /** Why they run in that, with that. */
    reasons: z.array(z.string()),
  })
  .readonly();

/** What was chosen for a lab when it was first brought up; it holds until the lab is taken down. */
export type LabRecord = z.infer<typeof schema>;

/** Whether a host of the lab is a virtual machine. */
export function isVirtualMachine(
  { director, realServersIn }: Pick<LabRecord, 'director' | 'realServersIn'>,
  { group }: Pick<LabHostSpec, 'group'>,
): boolean {
  if (group === 'director') return director === 'vm';
  return group === 'real_servers' && realServersIn === 'vm';
}

/**
 * The lab's record, or undefined where there is no lab of that name.
 * @throws EmbeddedLabError when the file is not what lvslab writes.
 */
export async function readRecord(lab: LabIdentity): Promise<LabRecord | undefined> {
  const file = recordFile(lab);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new EmbeddedLabError(`${file} is damaged`, {
      step: 'read the state of the lab',
      hint: `Take the lab down with \`lvslab lab down\`, then bring it up again.`,
      cause,
    });
  }
}

/** Writes the record before anything of the lab is made, whole or not at all. */
export async function writeRecord(lab: LabIdentity, record: LabRecord): Promise<void> {
  const file = recordFile(lab);
  await mkdir(lab.paths.state, { recursive: true, mode: 0o700 });
  await writeFile(`${file}.half`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${file}.half`, file);
}

function recordFile({ paths }: LabIdentity): string {
  return path.join(paths.state, 'lab.json');
}
