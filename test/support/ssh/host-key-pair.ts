import ssh2 from 'ssh2';

/** A key pair for a test's own SSH server. ssh2 writes one in some hundreds of its ED25519 keys so that it can't read it. */
export function hostKeyPair(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
