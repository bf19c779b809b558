import path from 'node:path';
import { askNetwork } from '../../../src/cli/session/hosts/ask-networks.ts';
import { type Connection, type RunResult } from '../../../src/engine/model/connection.ts';
import { closeChanges } from '../../../src/engine/apply/change-session.ts';
import { type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { statePaths as paths } from '../../../src/engine/host/state-paths.ts';
import { Secret } from '../../../src/engine/model/secret.ts';
import { type OpenSession, runAsRoot } from '../../../src/transport/root/root-session.ts';
import { jumpCommand } from '../../../src/transport/settings/proxy-jump.ts';
import { uploadInSteps } from '../../../src/transport/upload/upload.ts';
import { takeReadings } from '../../../src/diagnose/readings/take-readings.ts';
import { CountersAtRest } from '../../../src/verify/readings/counters-at-rest.ts';
import { directorQuestion, restartRules } from '../../../src/verify/readings/director-state.ts';
import { readRealServer } from '../../../src/verify/readings/real-server-state.ts';
import { makeRequests } from '../../../src/verify/readings/request-batch.ts';
import { captureScript, stopScript } from '../../../src/trace/capture/capture-script.ts';
import { hostsWithoutTcpdump } from '../../../src/cli/trace/trace-tool.ts';
import { probeScript, tellProbe } from '../../../src/verify/probe/probe-script.ts';
import { StoppedServers } from '../../../src/verify/stopped-servers.ts';
import { sampleLab } from '../samples/sample-lab.ts';
import { testContext } from '../engine-context.ts';
import { type ScriptCollector } from './script-collector.ts';
import { RenewableConnection } from '../../../src/engine/host/renewable-connection.ts';
import { controlScripts } from './script-catalog-controls.ts';
import { holder } from './script-catalog-engine.ts';

/** Scripts that only a connection gets to see. */
export async function sessionScripts(collector: ScriptCollector): Promise<void> {
  const connection = recordingConnection(collector);
  const file = path.resolve('package.json');
  const means = { host: 'rs1', run: connection.run.bind(connection), signal: undefined };
  await uploadInSteps(file, '/run/lvslab/uploads/a b', {
    ...means,
    send: async () => Promise.resolve(),
  });
  const lost = async (): Promise<void> => Promise.reject(new Error('lost'));
  await uploadInSteps(file, '/run/a', { ...means, send: lost }).catch(() => undefined);
  await closeChanges(
    {
      session: {
        connection: new RenewableConnection(connection),
        paths,
        boot: 'b00t',
        lock: holder,
      },
      added: [{ type: 'run', run: 'a1b2', time: holder.since, by: 'alice on laptop' }],
      left: 1,
    },
    testContext(),
  ).catch(() => undefined);
  rootSessions(collector);
  await verifyScripts(connection);
  await traceScripts(collector, connection);
  await diagnoseScripts(connection);
}

async function traceScripts(collector: ScriptCollector, connection: Connection): Promise<void> {
  const ports = { first: 10_000, last: 10_004 };
  for (const places of [
    { kind: 'own-nics' },
    { kind: 'cables', namespace: 'lvslab', devices: ['client-ens33', 'rs2-ens33'] },
  ] as const)
    collector.add(`trace-${places.kind}`, captureScript(places, { ports, nonce: 'n0nce' }));
  const probe = {
    ...{ url: 'http://192.168.4.133:80/', heldUrl: 'telnet://192.168.4.133:80' },
    ...{ intervalMs: 100, held: 4, nonce: 'n0nce', limitSeconds: 3600 },
  };
  for (const renews of [true, false])
    collector.add(`probe-${renews ? 'renews' : 'once'}`, probeScript({ ...probe, renews }));
  for (const what of ['pause', 'resume', 'stop'] as const)
    collector.add(`probe-${what}`, tellProbe('n0nce', what));
  collector.add('trace-stop', stopScript('n0nce'));
  await hostsWithoutTcpdump([connection], new AbortController().signal);
}

async function refuse(): Promise<never> {
  return Promise.reject(new Error('not needed'));
}

function recordingConnection(collector: ScriptCollector): Connection {
  const run = async (script: Script): Promise<RunResult> => {
    collector.add('session', script);
    return Promise.resolve({ exitCode: 0, stdout: '/run/up/1\n', stderr: '' });
  };
  const pace = { sessionMs: 1, commandMs: 1 } as unknown as Connection['pace'];
  const close = async (): Promise<void> => Promise.resolve();
  return { host: 'rs1', sessions: 0, pace, run, upload: refuse, again: refuse, close };
}

/** What is started on a host before a script gets there, and what stands in a ProxyCommand. */
function rootSessions(collector: ScriptCollector): void {
  const password = new Secret('p');
  for (const become of [
    { kind: 'never' },
    { kind: 'sudo' },
    { kind: 'sudo-with-password', password },
  ] as const) {
    const open: OpenSession = (command) => {
      for (const word of command) if (word.includes(' ')) collector.add(become.kind, word);
      throw new Error('not needed');
    };
    const request = { host: 'rs1', script: sh`true`, become, nonce: 'n0nce' };
    runAsRoot(open, request).catch(() => undefined);
  }
  const settings = {
    hostKeyChecking: 'yes',
    userKnownHostsFiles: ['/home/a b/known_hosts'],
    identityFiles: [{ named: true, path: '/home/a b/key' }],
  } as const;
  const jump = { jump: 'one,two', given: { options: [], unused: [] }, settings, sshProgram: 'ssh' };
  collector.add('jump', `exec ${jumpCommand(jump)}`);
}

/** Everything that a diagnosis asks of hosts. */
async function diagnoseScripts(connection: Connection): Promise<void> {
  const [director] = sampleLab.directors;
  const [service] = sampleLab.services;
  if (director === undefined || service === undefined) throw new Error('the sample is empty');
  const names = ['client', 'director', 'rs1', 'rs2'];
  const test = {
    ...{ lab: sampleLab, service, director, client: 'client' },
    hosts: new Map(names.map((name) => [name, connection])),
    unreachable: new Map<string, string>(),
    nonce: () => 'n0nce',
    signal: new AbortController().signal,
    emit: () => undefined,
    now: () => 0,
  };
  await takeReadings(test, { requests: 2 });
}

async function verifyScripts(connection: Connection): Promise<void> {
  const context = { nonce: () => 'n0nce', signal: new AbortController().signal };
  const [server] = sampleLab.realServers;
  const [service] = sampleLab.services;
  if (server === undefined || service === undefined) throw new Error('the sample is empty');
  const clientAddress = '192.168.4.132';
  const settings = ['net.ipv4.conf.all.arp_ignore'];
  for (const device of ['lo', 'tunl0'] as const) {
    const vip = { address: service.address, device, settings };
    await readRealServer(connection, { server, marker: 'm4rk', clientAddress, vip, ...context });
  }
  await askNetwork(connection, [clientAddress], context.signal);
  const { scripts } = directorQuestion([{ key: 'net.ipv4.ip_forward' }], {});
  const counters = new CountersAtRest(connection, { service, ...context });
  await counters.readWith(scripts);
  await counters.read(9);
  await restartRules(connection, { ...context, keys: new Set() });
  const order = { url: 'http://192.168.4.133/', count: 2, nonce: 'n0nce', maxPageBytes: 1000 };
  await makeRequests(connection, order, context).catch(() => undefined);
  await makeRequests(connection, { ...order, isLarge: true }, context).catch(() => undefined);
  const servers = new StoppedServers({
    ...context,
    realServers: new Map([['rs1', connection]]),
    reconnect: async () => Promise.resolve(connection),
    pause: async () => Promise.resolve(),
    guardSeconds: 60,
  });
  await servers.stop('rs1');
  await servers.restore();
  await controlScripts(connection);
}
