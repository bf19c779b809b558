// A way to a host that breaks: cutting-proxy.js BYTES TIMES COUNTER PROGRAM [ARGUMENT…]. Passes on what the program says and
// hears; ends the connection once BYTES have gone to the host, on the first TIMES connections. COUNTER is a file that
// counts connections, one character each; with TIMES 0 it gets what went to the host, piece by piece: 'PROCESS SIZE'.
import { spawn } from 'node:child_process';
import { appendFileSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers';

const [bytes, times, counter, program, ...words] = process.argv.slice(2);
const earlier = statSync(counter, { throwIfNoEntry: false })?.size ?? 0;
const isCutting = earlier < Number(times);
if (Number(times) > 0) appendFileSync(counter, 'x');

const child = spawn(program, words, { stdio: ['pipe', 'inherit', 'inherit'] });
let sent = 0;
process.stdin.on('data', (chunk) => {
  const room = isCutting ? Number(bytes) - sent : chunk.length;
  sent += chunk.length;
  if (Number(times) === 0) appendFileSync(counter, `${process.pid} ${chunk.length}\n`);
  child.stdin.write(chunk.subarray(0, Math.max(0, room)));
  if (chunk.length < room || !isCutting) return;
  // What went through arrives; then the way is gone.
  setTimeout(() => {
    child.kill('SIGKILL');
    process.exit(1);
  }, 50);
});
process.stdin.on('end', () => child.stdin.end());
child.stdin.on('error', () => undefined);
child.on('close', (code) => process.exit(code ?? 1));
