#!/usr/bin/env node
// Starts the compiled program. In a checkout, where it may be missing or older than its sources, it is made first.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function newestSource() {
  const files = readdirSync(`${root}src`, { recursive: true }).filter((name) =>
    name.endsWith('.ts'),
  );
  return Math.max(...files.map((name) => statSync(`${root}src/${name}`).mtimeMs));
}

function isStale() {
  if (!existsSync(`${root}src/cli/main.ts`)) return false;
  const built = statSync(`${root}dist/.tsbuildinfo`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return built < newestSource();
}

if (isStale()) {
  const { status } = spawnSync(process.execPath, [`${root}scripts/setup.js`, '--build'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}
await import('../dist/cli/main.js');
