import { throwIfCancelled } from '../../engine/model/failures/cancellation.ts';
import { fingerprint, type KnownHost } from './known-hosts.ts';

/** A host's key that was not known before. */
export interface NewHostKey {
  readonly host: string;
  /** As in known_hosts: 'web1', '[127.0.0.1]:2222'. */
  readonly name: string;
  /** 'ED25519 SHA256:…' */
  readonly fingerprint: string;
  /** Where it is written; undefined when there is no file for it. */
  readonly file: string | undefined;
}

/**
 * Asks the person whether a host's key is the right one. Several hosts never ask at the same time.
 * @throws CancelledError
 */
export type AskHostKey = (key: NewHostKey, signal: AbortSignal | undefined) => Promise<boolean>;

/**
 * The keys under which hosts were logged in to, or that the person has accepted, in this run: they count as known for it,
 * also where no file could take them.
 */
export class AcceptedHostKeys {
  readonly #ask: AskHostKey | undefined;
  readonly #entries: KnownHost[] = [];
  readonly #told = new Set<string>();
  #lastQuestion: Promise<unknown> = Promise.resolve();

  constructor(ask?: AskHostKey) {
    this.#ask = ask;
  }

  /** Whether there is a person to ask. */
  get canAsk(): boolean {
    return this.#ask !== undefined;
  }

  /** As if they stood in a file. */
  get entries(): readonly KnownHost[] {
    return this.#entries;
  }

  remember(name: string, key: Buffer): void {
    if (this.#has(name, key)) return;
    this.#entries.push({ file: IN_THIS_RUN, line: 0, revoked: false, hosts: name, key });
  }

  /** Whether the person is to be told of a new key: once. */
  isNews(name: string, key: Buffer): boolean {
    const news = `${name} ${fingerprint(key)}`;
    if (this.#told.has(news)) return false;
    this.#told.add(news);
    return true;
  }

  /**
   * Asks the person, one question at a time, and remembers a yes.
   * @throws CancelledError
   */
  async decide(shown: NewHostKey, key: Buffer, signal?: AbortSignal): Promise<boolean> {
    const answer = this.#lastQuestion.then(async () => {
      if (signal !== undefined) throwIfCancelled(signal, { host: shown.host, step: 'connect' });
      // The question before may have been the same, of another host behind this address.
      const isAccepted =
        this.#has(shown.name, key) || ((await this.#ask?.(shown, signal)) ?? false);
      if (isAccepted) this.remember(shown.name, key);
      return isAccepted;
    });
    // Whoever asked gets the failure; the next question waits only for the end of this one.
    this.#lastQuestion = answer.catch(() => undefined);
    return await answer;
  }

  #has(name: string, key: Buffer): boolean {
    return this.#entries.some((entry) => entry.hosts === name && entry.key.equals(key));
  }
}

/** Stands where other keys have the name of their file. */
export const IN_THIS_RUN = 'lvslab itself, from an earlier login of this run,';
