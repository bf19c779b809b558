import { createHash, createHmac } from 'node:crypto';

/** One key of a known_hosts file; see SSH_KNOWN_HOSTS FILE FORMAT in sshd(8). */
export interface KnownHost {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly revoked: boolean;
  /** Host patterns with commas between them, or one hashed name. */
  readonly hosts: string;
  readonly key: Buffer;
}

export type HostKeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'new' }
  /** Other keys are known for this host, and this one is not among them. */
  | { readonly kind: 'changed'; readonly known: KnownHost }
  | { readonly kind: 'revoked'; readonly known: KnownHost };

/** The keys in a known_hosts file. Certificate authorities are left out: ssh2 knows no host certificates. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, i) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [hosts, type, key] = words;
    if (hosts === undefined || hosts.startsWith('#') || type === undefined || key === undefined) {
      return [];
    }
    if (marker !== undefined && marker !== '@revoked') return [];
    const revoked = marker === '@revoked';
    return [{ file, line: i + 1, revoked, hosts, key: Buffer.from(key, 'base64') }];
  });
}

/** The name that known_hosts files have for a host on a port. */
export function knownHostName(address: string, port: number): string {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Compares the key that a host shows with those that are known under its name. */
export function judgeHostKey(
  entries: readonly KnownHost[],
  { name, key }: { readonly name: string; readonly key: Buffer },
): HostKeyVerdict {
  const known = entries.filter((entry) => isFor(entry, name));
  const same = known.filter((entry) => entry.key.equals(key));
  const revoked = same.find((entry) => entry.revoked);
  if (revoked !== undefined) return { kind: 'revoked', known: revoked };
  if (same.length > 0) return { kind: 'known' };
  const valid = known.filter((entry) => !entry.revoked);
  const other = valid.find((entry) => keyType(entry.key) === keyType(key)) ?? valid[0];
  return other === undefined ? { kind: 'new' } : { kind: 'changed', known: other };
}

/** The types of the keys that are known for a host: 'ssh-ed25519' … */
export function knownKeyTypes(entries: readonly KnownHost[], name: string): ReadonlySet<string> {
  return new Set(
    entries
      .filter((entry) => !entry.revoked && isFor(entry, name))
      .map((entry) => keyType(entry.key)),
  );
}

/** A line for a known_hosts file; with a salt (20 bytes), the name is hashed. */
export function renderKnownHost({
  name,
  key,
  salt,
}: {
  readonly name: string;
  readonly key: Buffer;
  readonly salt?: Buffer;
}): string {
  const hosts = salt === undefined ? name : `|1|${salt.toString('base64')}|${hashName(name, salt)}`;
  return `${hosts} ${keyType(key)} ${key.toString('base64')}\n`;
}

/** The type that a public key in SSH's wire format begins with. */
function keyType(key: Buffer): string {
  if (key.length < 4) return '';
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
}

/** A key's fingerprint as ssh-keygen prints it, with the type before it. */
export function fingerprint(key: Buffer): string {
  const type = keyType(key)
    .replace(/^ssh-/, '')
    .replace(/^ecdsa-.*/, 'ecdsa')
    .toUpperCase();
  const hash = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
  return `${type} SHA256:${hash}`;
}

function isFor({ hosts }: KnownHost, name: string): boolean {
  if (hosts.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = hosts.split('|');
    return hashName(name, Buffer.from(salt, 'base64')) === hash;
  }
  const patterns = hosts.split(',');
  const negated = patterns.filter((pattern) => pattern.startsWith('!'));
  if (negated.some((pattern) => matches(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern, name));
}

function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i').test(name);
}

function hashName(name: string, salt: Buffer): string {
  return createHmac('sha1', salt).update(name).digest('base64');
}
