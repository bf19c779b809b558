import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Asks each address for the greeting of its SSH server until it has come. */
const ASK = `
import socket, sys, time
deadline = time.monotonic() + 120
for address in sys.argv[1:]:
    while True:
        try:
            with socket.create_connection((address, 22), 5) as wire:
                if wire.recv(4) == b"SSH-":
                    break
        except OSError:
            pass
        if time.monotonic() > deadline:
            sys.exit(f"{address} does not greet")
        time.sleep(0.1)
`;

/**
 * Resolves when the SSH servers of all these addresses greet, as seen from a network namespace.
 * @throws Error with the first address that doesn't, after two minutes
 */
export async function untilAllListen(
  namespace: string,
  addresses: readonly string[],
): Promise<void> {
  await run('nsenter', [`--net=/run/netns/${namespace}`, 'python3', '-c', ASK, ...addresses]);
}
