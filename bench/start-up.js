// How long `lvslab --help` takes, beside a Node that does nothing: both in turn, so that a noisy machine is noisy for both.
// Run it with: node bench/start-up.js [rounds]
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../bin/lvslab.js', import.meta.url));
const rounds = Number(process.argv[2] ?? 20);

function milliseconds(args) {
  const began = performance.now();
  spawnSync(process.execPath, args);
  return performance.now() - began;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

milliseconds([program, '--help']);
const nothing = [];
const help = [];
for (let round = 0; round < rounds; round += 1) {
  nothing.push(milliseconds(['-e', '0']));
  help.push(milliseconds([program, '--help']));
}
const [base, ours] = [median(nothing), median(help)];
console.log(`node -e 0      ${base.toFixed(0)} ms`);
console.log(
  `lvslab --help  ${ours.toFixed(0)} ms, ${(ours / base).toFixed(2)} times as long (median of ${rounds})`,
);
