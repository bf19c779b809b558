import { type Host } from '../inventory/inventory.ts';
import { type Answers, type HostKey, hostKeys, hostName, secretOf } from './answers/answers.ts';
import { draftInventory } from './inventory/draft-inventory.ts';
import { type FoundHost } from './questions/question.ts';

/** What probing a host found, and how it was reached then. */
interface PastProbe {
  readonly way: string;
  /** Not set where somebody went on without. */
  readonly found: FoundHost | undefined;
}

/** The hosts that need not be probed any more, and what was found there: as long as they are reached in the same way. */
export class ProbedHosts {
  readonly #probes = new Map<HostKey, PastProbe>();

  /** What is known of the hosts that the answers speak of. */
  found(answers: Answers): ReadonlyMap<HostKey, FoundHost> {
    const found = new Map<HostKey, FoundHost>();
    for (const key of hostKeys(answers)) {
      const probe = this.#probes.get(key);
      if (probe?.found !== undefined && probe.way === wayTo(key, answers))
        found.set(key, probe.found);
    }
    return found;
  }

  /** Whether it is known how a host is reached, and it was not probed so. */
  isUnseen(key: HostKey, answers: Answers): boolean {
    const way = wayTo(key, answers);
    return way !== undefined && this.#probes.get(key)?.way !== way;
  }

  note(key: HostKey, answers: Answers, found: FoundHost | undefined): void {
    const way = wayTo(key, answers);
    if (way !== undefined) this.#probes.set(key, { way, found });
  }

  forget(key: HostKey): void {
    this.#probes.delete(key);
  }

  /** The host as the inventory will have it, and the passwords that the inventory won't have. */
  host(key: HostKey, answers: Answers): Host | undefined {
    const host = hostIn(key, answers);
    if (host === undefined) return undefined;
    const password = secretOf(answers, 'login.password');
    const becomePassword = secretOf(answers, 'login.sudo_password');
    const connection = {
      ...host.connection,
      ...(password !== undefined && { password }),
      ...(becomePassword !== undefined && { becomePassword }),
    };
    return { ...host, connection };
  }
}

/** How a host is reached: a text that changes with it; undefined before its address is known, and for this machine. */
function wayTo(key: HostKey, answers: Answers): string | undefined {
  const host = answers.has(`${key}.address`) ? hostIn(key, answers) : undefined;
  return host === undefined ? undefined : JSON.stringify(host.connection);
}

function hostIn(key: HostKey, answers: Answers): Host | undefined {
  return draftInventory(answers).hosts.get(hostName(answers, key));
}
