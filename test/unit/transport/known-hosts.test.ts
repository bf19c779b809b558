import { randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import {
  judgeHostKey,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
  renderKnownHost,
} from '../../../src/transport/keys/known-hosts.ts';

/** A public key in SSH's wire format, as far as it matters here. */
function key(type: string, content: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(content)]);
}

const ed = key('ssh-ed25519', 'one');
const other = key('ssh-ed25519', 'two');
const rsa = key('ssh-rsa', 'three');

function line(hosts: string, one: Buffer, marker = ''): string {
  return `${marker}${hosts} ssh-whatever ${one.toString('base64')} a comment`;
}

describe('known hosts', () => {
  test.each<[string, string, string]>([
    ['the plain name', 'web1', 'known'],
    ['regardless of case', 'WEB1', 'known'],
    ['one of several names', 'a,web1,10.0.0.1', 'known'],
    ['a pattern', 'web?,*.lab', 'known'],
    ['a pattern with an exception', 'web*,!web1', 'new'],
    ['a name that only begins the same', 'web', 'new'],
    ['a dot is only a dot', 'w.b1', 'new'],
    ['another port', '[web1]:2222', 'new'],
  ])('%s', (_case, hosts, kind) => {
    const entries = parseKnownHosts(line(hosts, ed), 'f');
    expect(judgeHostKey(entries, { name: knownHostName('Web1', 22), key: ed }).kind).toBe(kind);
  });

  test('comments, empty lines, certificate authorities and nonsense count for nothing', () => {
    const text = `# ${line('web1', ed)}\n\nweb1\n${line('web1', ed, '@cert-authority ')}\n`;
    expect(parseKnownHosts(text, 'f')).toEqual([]);
  });

  test('a key of another type is a changed key too; that of the same type is shown', () => {
    const entries = parseKnownHosts([line('web1', rsa), line('web1', ed)].join('\n'), 'f');
    const judge = (one: Buffer): unknown => judgeHostKey(entries, { name: 'web1', key: one });
    expect(judge(other)).toMatchObject({ kind: 'changed', known: { file: 'f', line: 2, key: ed } });
    expect(judge(key('ecdsa-sha2-nistp256', 'x'))).toMatchObject({
      kind: 'changed',
      known: { line: 1 },
    });
    expect(judge(rsa)).toEqual({ kind: 'known' });
    expect([...knownKeyTypes(entries, 'web1')]).toEqual(['ssh-rsa', 'ssh-ed25519']);
  });

  test('a revoked key is refused even where it is known; others of the host are new', () => {
    const entries = parseKnownHosts([line('web1', ed), line('*', ed, '@revoked ')].join('\n'), 'f');
    expect(judgeHostKey(entries, { name: 'web1', key: ed })).toMatchObject({
      kind: 'revoked',
      known: { line: 2 },
    });
    expect(judgeHostKey(entries, { name: 'web2', key: other }).kind).toBe('new');
  });

  test.each([undefined, randomBytes(20)])('what is written is found again (salt: %p)', (salt) => {
    const name = knownHostName('2001:db8::1', 2222);
    const text = renderKnownHost({ name, key: ed, ...(salt === undefined ? {} : { salt }) });
    expect(text.includes('2001')).toBe(salt === undefined);
    expect(judgeHostKey(parseKnownHosts(text, 'f'), { name, key: ed })).toEqual({ kind: 'known' });
  });
});
