import { type RunEvent } from '../../../src/engine/events.ts';
import { buildFailure } from './samples.ts';

/** One event of every type: rs1 comes through, rs2 fails, the director is skipped. */
export const sampleEvents = {
  connecting: { type: 'connecting', host: 'rs1' },
  observing: { type: 'observing', host: 'rs1', resources: 11 },
  observed: { type: 'observed', host: 'rs1', changes: 7 },
  'play-started': { type: 'play-started', host: 'rs1', play: 'nginx from source', steps: 5 },
  uploading: {
    type: 'uploading',
    host: 'rs1',
    play: 'nginx from source',
    path: '/run/lvslab/uploads/nginx-1.16.1.tar.gz',
  },
  'step-started': {
    type: 'step-started',
    commands: "cd /usr/local/src\n./configure --prefix='/usr/local/nginx'\n",
    host: 'rs1',
    play: 'nginx from source',
    step: 'nginx 1.16.1 in /usr/local/nginx',
    index: 3,
    of: 5,
  },
  'step-progress': {
    type: 'step-progress',
    host: 'rs1',
    play: 'nginx from source',
    step: 'nginx 1.16.1 in /usr/local/nginx',
    done: 75,
    total: 118,
  },
  'step-finished': {
    type: 'step-finished',
    host: 'rs1',
    play: 'nginx from source',
    step: 'nginx 1.16.1 in /usr/local/nginx',
    milliseconds: 41_234,
  },
  'step-confirming': {
    type: 'step-confirming',
    host: 'rs1',
    play: 'make the director the gateway',
    step: 'network interface ens37',
    seconds: 60,
  },
  reconnecting: { type: 'reconnecting', host: 'rs1', reason: 'the connection broke' },
  reconnected: { type: 'reconnected', host: 'rs1' },
  'step-followed': {
    type: 'step-followed',
    host: 'rs1',
    play: 'nginx from source',
    step: 'nginx 1.16.1 in /usr/local/nginx',
    index: 3,
    of: 5,
  },
  'play-finished': { type: 'play-finished', host: 'rs1', play: 'nginx from source' },
  'play-skipped': {
    type: 'play-skipped',
    host: 'director',
    play: 'Director',
    reason: "'nginx from source' failed on rs2",
  },
  proving: { type: 'proving', host: 'rs1' },
  proved: { type: 'proved', host: 'rs1', remaining: 0 },
  notice: { type: 'notice', host: 'rs1', text: 'SELinux is off for good after a reboot' },
  'host-failed': { type: 'host-failed', host: 'rs2', error: buildFailure },
} satisfies { readonly [Type in RunEvent['type']]: RunEvent & { readonly type: Type } };
