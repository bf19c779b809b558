import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { type AddressInfo } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { type Disguise, makeDisguise } from '../ssh/disguised-host.ts';
import { hostKeyPair } from '../ssh/host-key-pair.ts';

/** What a script of lvslab is for, as far as it matters where a host begins to misbehave. */
export type Stage =
  'read' | 'observe' | 'lock' | 'run' | 'keep' | 'confirm' | 'release' | 'inspect lock' | 'other';

/** One program that lvslab has started on the host. */
export interface EvilSession {
  readonly stage: Stage;
  /** Its standard input, read to the end where the script that it holds has come. */
  readonly script: string;
  /** What marks the beginning of the script's own output. */
  readonly ready: string;
  readonly channel: ServerChannel;
  /** How many connections the host had before this one. */
  readonly connection: number;
  readonly client: Connection;
  /** Runs the script as an honest host does; what it prints is changed on the way. */
  readonly play: (change?: (stdout: string) => string | Buffer) => void;
}

/** How a host speaks with whoever comes; all that is left out is done honestly. */
export interface Manners {
  /** Instead of SSH. */
  readonly socket?: (socket: Socket) => void;
  /** Instead of an answer to the login. */
  readonly login?: (client: Connection) => void;
  /** Instead of an answer to the wish for a session. */
  readonly session?: (reject: () => void, client: Connection) => void;
  /** Instead of starting a program: the shell as root has not even begun. */
  readonly exec?: (
    start: () => ServerChannel,
    refuse: () => void,
    client: Connection,
    command: string,
  ) => void;
  readonly script?: (session: EvilSession) => void;
  /** Another host key from the second connection on. */
  readonly changesKey?: boolean;
}

/** An SSH server that lets everybody in. */
export interface EvilHost {
  readonly port: number;
  /** 'ssh-ed25519 AAAA…' */
  readonly hostKey: string;
  readonly stages: ReadonlySet<Stage>;
  /** Resolves when it has done something that no honest host does. */
  readonly misbehaves: Promise<void>;
  /** All that was typed or sent by whoever came, passwords included. */
  readonly heard: () => string;
  readonly disguise: Disguise;
  readonly stop: () => Promise<void>;
}

/** Serves a disguised host on loopback with these manners. Needs root. */
export async function startEvilHost(manners: Manners, hostKeys: HostKeys): Promise<EvilHost> {
  const disguise = await makeDisguise();
  const host = new Host(manners, disguise);
  const servers = hostKeys.map((key) => new ssh2.Server({ hostKeys: [key.private] }, host.welcome));
  const listener = createServer((socket) => {
    host.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    if (manners.socket !== undefined) {
      host.misbehave();
      manners.socket(socket);
      return;
    }
    const isChanged = manners.changesKey === true && host.sockets.size > 1;
    servers[isChanged ? 1 : 0]?.injectSocket(socket);
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (listener.address() as AddressInfo).port,
    hostKey: hostKeys[0].public,
    stages: host.stages,
    misbehaves: host.misbehaves,
    heard: () => host.heard.join(''),
    disguise,
    stop: async () => {
      listener.close();
      for (const socket of host.sockets) socket.destroy();
      for (const child of host.children) killGroup(child);
      await rm(disguise.folder, { recursive: true, force: true });
    },
  };
}

/** A host's key, and the one that it shows later where it changes it. */
export type HostKeys = readonly [HostKeyPair, HostKeyPair];

type HostKeyPair = ReturnType<typeof ssh2.utils.generateKeyPairSync>;

/** Keys for any number of hosts. */
export function makeHostKeys(): HostKeys {
  const make = (): HostKeyPair => hostKeyPair();
  return [make(), make()];
}

class Host {
  readonly sockets = new Set<Socket>();
  readonly children = new Set<ChildProcess>();
  readonly stages = new Set<Stage>();
  readonly heard: string[] = [];
  readonly #manners: Manners;
  readonly #disguise: Disguise;
  #connections = 0;
  misbehave: () => void = () => undefined;
  readonly misbehaves = new Promise<void>((resolve) => {
    this.misbehave = resolve;
  });

  constructor(manners: Manners, disguise: Disguise) {
    this.#manners = manners;
    this.#disguise = disguise;
  }

  readonly welcome = (client: Connection): void => {
    const { login, exec, session: refuse } = this.#manners;
    const connection = this.#connections++;
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      if (context.method === 'password') this.heard.push(context.password);
      if (login === undefined) {
        context.accept();
        return;
      }
      this.misbehave();
      login(client);
    });
    client.on('session', (accept, reject) => {
      if (refuse !== undefined) {
        this.misbehave();
        refuse(reject, client);
        return;
      }
      const session = accept();
      session.on('exec', (start, refuseExec, { command }) => {
        if (exec === undefined) {
          this.#exec(start(), { command, client, connection });
          return;
        }
        this.misbehave();
        exec(start, refuseExec, client, command);
      });
      session.on('sftp', (_start, refuseSftp) => {
        refuseSftp();
      });
    });
  };

  #exec(
    channel: ServerChannel,
    {
      command,
      client,
      connection,
    }: { readonly command: string; readonly client: Connection; readonly connection: number },
  ): void {
    channel.on('error', () => undefined);
    channel.on('close', () => channel.destroy());
    const nonce = command.split(' ').at(-1) ?? '';
    const ready = `${nonce}-ready\n`;
    let script = '';
    // A controller that has a password for sudo sends the script only when it sees that root is there.
    channel.write(ready);
    channel.stderr.write(ready);
    channel.on('data', (chunk: Buffer) => {
      this.heard.push(chunk.toString());
      script += chunk.toString();
    });
    channel.on('end', () => {
      const stage = stageOf(script);
      this.stages.add(stage);
      const honesty = { isPlayed: false };
      const play: EvilSession['play'] = (change) => {
        honesty.isPlayed = true;
        this.#play(channel, { command, script, ready, change });
      };
      const session = { stage, script, ready, channel, connection, client, play };
      if (this.#manners.script === undefined) play();
      else this.#manners.script(session);
      if (!honesty.isPlayed) this.misbehave();
    });
  }

  /** The mark was sent already, and so it is cut off from what is printed. */
  #play(
    channel: ServerChannel,
    {
      command,
      script,
      ready,
      change = (stdout) => stdout,
    }: {
      readonly command: string;
      readonly script: string;
      readonly ready: string;
      readonly change?: Parameters<EvilSession['play']>[0];
    },
  ): void {
    const child = spawn('sh', ['-c', this.#disguise.forceCommand], {
      detached: true,
      env: {
        PATH: process.env['PATH'],
        SSH_ORIGINAL_COMMAND: command,
        SSH_CONNECTION: '127.0.0.1 50000 127.0.0.1 22',
      },
    });
    this.children.add(child);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(script);
    channel.on('close', () => {
      killGroup(child);
    });
    child.on('close', (code) => {
      this.children.delete(child);
      if (channel.destroyed) return;
      channel.stderr.write(afterMark(stderr, ready));
      channel.write(change(afterMark(stdout, ready)), () => {
        channel.exit(code ?? 1);
        channel.end();
      });
    });
  }
}

function afterMark(chunks: readonly Buffer[], mark: string): string {
  const text = Buffer.concat(chunks).toString();
  return text.slice(text.indexOf(mark) + mark.length);
}

function killGroup({ pid, exitCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** By what stands in no other script of the engine. */
const SIGNS: readonly (readonly [Stage, RegExp])[] = [
  ['lock', /echo taken/],
  ['run', /setsid sh|tail -n \+/],
  ['keep', /echo kept/],
  ['inspect lock', /echo alive/],
  ['confirm', /decide confirmed/],
  ['release', /echo lost/],
  ['read', /random\/boot_id/],
  ['observe', /lvslab_begin/],
];

function stageOf(script: string): Stage {
  return SIGNS.find(([, sign]) => sign.test(script))?.[0] ?? 'other';
}
