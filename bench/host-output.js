// How the time for a host's output grows with its size, before and after the mark of its shell, in chunks as they come off a
// line and in single bytes: four times as much must take about four times as long.
// Run it with: npx jiti bench/host-output.js [rounds]
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { markWatch, outputFence } from '../src/transport/root/output-fence.ts';

const rounds = Number(process.argv[2] ?? 5);
const mark = `lvslab-${'0'.repeat(24)}-ready\n`;

const cases = {
  'before the mark, 1 KiB chunks': { chunk: 1024, begin: '', mib: 4 },
  'before the mark, 16 B chunks': { chunk: 16, begin: '', mib: 0.25 },
  'after the mark, 1 KiB chunks': { chunk: 1024, begin: mark, mib: 2 },
  'after the mark, 16 B chunks': { chunk: 16, begin: mark, mib: 0.25 },
};

function milliseconds({ chunk, begin, mib }) {
  const bytes = Buffer.alloc(chunk, 'all work and no play\n');
  const fence = outputFence({ mark });
  const watch = markWatch('lvslab-password:', () => undefined);
  const began = performance.now();
  fence.push(Buffer.from(begin));
  for (let sent = 0; sent < mib * 1024 * 1024; sent += chunk) {
    fence.push(bytes);
    watch(bytes);
  }
  fence.before();
  fence.finish();
  return performance.now() - began;
}

for (const [name, one] of Object.entries(cases)) {
  const four = { ...one, mib: 4 * one.mib };
  milliseconds(four);
  const small = [];
  const large = [];
  for (let round = 0; round < rounds; round += 1) {
    small.push(milliseconds(one));
    large.push(milliseconds(four));
  }
  // The shortest is the one that the rest of the machine has disturbed least.
  const [base, more] = [Math.min(...small), Math.min(...large)];
  console.log(
    `${name.padEnd(30)} ${one.mib} MiB ${base.toFixed(1)} ms, ${four.mib} MiB ${more.toFixed(1)} ms: ${(more / base).toFixed(2)} times as long`,
  );
}
