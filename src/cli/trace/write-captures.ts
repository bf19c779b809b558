import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../../engine/model/failures/errors.ts';
import { type NicCapture } from '../../trace/capture/capture.ts';
import { captureFile } from '../../trace/packets/capture-file.ts';

/**
 * Writes what was captured, a file a host: HOST.pcap. Resolves to the paths.
 * @throws UsageError where the folder can't be written to.
 */
export async function writeCaptures(
  folder: string,
  captures: readonly NicCapture[],
): Promise<readonly string[]> {
  const hosts = [...new Set(captures.map(({ point }) => point.host))];
  try {
    await mkdir(folder, { recursive: true });
    return await Promise.all(
      hosts.map(async (host) => {
        const own = captures.filter(({ point }) => point.host === host);
        // An inventory may call a host whatever it likes, but no file is written outside the folder.
        const file = path.join(folder, `${host.replaceAll(/[^\w.-]/g, '_')}.pcap`);
        await writeFile(file, captureFile(own.flatMap(({ frames }) => frames)));
        return file;
      }),
    );
  } catch (cause) {
    throw new UsageError(`the captures can't be written to ${folder}`, {
      hint: 'Name a folder that you may write to with `lvslab … --write DIR`.',
      cause,
    });
  }
}
