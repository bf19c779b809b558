import { randomBytes } from 'node:crypto';
import { type Writable } from 'node:stream';
import { type Connection } from 'ssh2';
import { type EvilSession, type Manners, type Stage } from './evil-server.ts';

/** Writes without end, as fast as it is read. */
export function pour(stream: Writable, piece: string | Buffer = randomBytes(32_768)): void {
  const more = (): void => {
    while (!stream.destroyed && stream.writable && stream.write(piece));
  };
  stream.on('drain', more);
  more();
}

/** One byte a second, for ever. */
export function drip(stream: Writable): void {
  const timer = setInterval(() => {
    if (stream.destroyed) clearInterval(timer);
    else stream.write('.');
  }, 1000);
  timer.unref();
  stream.on('close', () => {
    clearInterval(timer);
  });
}

/** What ssh2's server keeps to itself. */
interface Protocol {
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(size: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
}

/** Sends SSH_MSG_USERAUTH_BANNER again and again instead of an answer to the login. */
export function pourBanners(client: Connection): void {
  const { _packetRW: packets, _cipher: cipher } = (client as unknown as { _protocol: Protocol })
    ._protocol;
  const text = Buffer.from('Authorised use only.\r\n'.repeat(500));
  const timer = setInterval(() => {
    for (let i = 0; i < 50; i++) {
      const packet = packets.write.alloc(1 + 4 + text.length + 4);
      const at = packets.write.allocStart;
      packet.fill(0, at);
      packet[at] = 53;
      packet.writeUInt32BE(text.length, at + 1);
      text.copy(packet, at + 5);
      cipher.encrypt(packets.write.finalize(packet));
    }
  }, 20);
  timer.unref();
  client.on('close', () => {
    clearInterval(timer);
  });
}

/** What it is that lvslab asks first, whichever command it is. */
export const FIRST: readonly Stage[] = ['read', 'inspect lock', 'other'];

/** Misbehaves in scripts of these kinds, and plays all others. */
export function at(stages: readonly Stage[], act: (session: EvilSession) => void): Manners {
  return {
    script: (session) => {
      if (stages.includes(session.stage)) act(session);
      else session.play();
    },
  };
}

/** Answers a script with a text of its own, and ends well. */
export function answer(text: string | Buffer, exitCode = 0): (session: EvilSession) => void {
  return ({ channel }) => {
    channel.write(text, () => {
      channel.exit(exitCode);
      channel.end();
    });
  };
}

/** Plays a script honestly, and changes what it printed. */
export function forge(change: (stdout: string) => string | Buffer): (session: EvilSession) => void {
  return ({ play }) => {
    play(change);
  };
}

/** Plays the script and puts something else in the place of one of its fenced parts. */
export function forgePart(part: number, text: string | Buffer): (session: EvilSession) => void {
  return ({ play, script }) => {
    play((stdout) => {
      const nonce = nonceOf(script);
      const begin = `${nonce} begin ${part}\n`;
      const end = `\n${nonce} end ${part} `;
      const [from, to] = [stdout.indexOf(begin) + begin.length, stdout.indexOf(end)];
      if (to < 0) return stdout;
      return Buffer.concat([
        Buffer.from(stdout.slice(0, from)),
        Buffer.from(text),
        Buffer.from(stdout.slice(to)),
      ]);
    });
  };
}

/** The word that fences the parts of a combined script: whoever gets the script can read it. */
export function nonceOf(script: string): string {
  return /'%s begin %s(?:\n|\\n)' (\S+) "\$1"/.exec(script)?.[1] ?? '';
}
