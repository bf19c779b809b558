#!/usr/bin/env node
import { EXIT } from './exit-codes.ts';
import { buildProgram } from './program.ts';

// A reader that went away (`| head`) is no failure of ours, and no reason to leave hosts half changed.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await buildProgram().parseAsync();
} catch (error) {
  // Commander has printed its message already; its help and version pages come with 0.
  const exitCode = (error as { exitCode?: unknown }).exitCode;
  process.exitCode = exitCode === 0 ? EXIT.ok : EXIT.failed;
}
