#!/usr/bin/env node
// Starts the compiled program. In a checkout, where it may be missing or older than its sources, it is made first.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each folder by itself: `recursive` takes ten times as long, and every command waits for it. */
function newestSource(folder) {
  const times = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return newestSource(path);
    return entry.name.endsWith('.ts') ? statSync(path).mtimeMs : 0;
  });
  return Math.max(0, ...times);
}

function isStale() {
  if (!existsSync(`${root}src/cli/main.ts`)) return false;
  const built = statSync(`${root}dist/main.js`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return built < newestSource(`${root}src`);
}

if (isStale()) {
  const { spawnSync } = await import('node:child_process');
  const { status } = spawnSync(process.execPath, [`${root}scripts/setup.js`, '--build'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}
// zod would compile each schema to code of its own, as pays off from thousands of values on; a command reads some dozens.
globalThis.__zod_globalConfig = { jitless: true };
await import('../dist/main.js');
