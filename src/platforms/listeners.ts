import { MissingOnHostError } from '../engine/model/errors.ts';
import { quote, sh } from '../engine/model/script.ts';
import { type Facts, type Listener } from './facts.ts';

/** Prints what `ss` says of the TCP ports that are listened at, and the control group of each process: systemd names it after its unit. */
export const printListeners = sh`
  listening=$(ss -ltnpe 2>/dev/null) || listening=''
  printf '%s\n' "$listening"
  for process in $(printf '%s\n' "$listening" |
    grep -o 'pid=[0-9]*' | cut -d = -f 2 | sort -un | head -n 200); do
    group=$(sed -n -e 's/^0:://p' -e 's/^[0-9]*:name=systemd://p' "/proc/$process/cgroup" 2>/dev/null |
      tail -n 1)
    printf 'pid %s %s\n' "$process" "$group"
  done
`;

/** Who listens at a TCP port for IPv4, as `printListeners` printed it. */
export function parseListeners(lines: readonly string[]): readonly Listener[] {
  const units = new Map(
    lines.flatMap((line) => {
      const [, pid, group = ''] = /^\s*pid (\d{1,10}) (.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [[Number(pid), unitOf(group)] as const];
    }),
  );
  return lines.flatMap((line) => {
    const [state, , , local = ''] = line.trim().split(/\s+/);
    const [, address = '', port] = /^(.*):(\d{1,5})$/.exec(local) ?? [];
    if (state !== 'LISTEN' || port === undefined || !isForIpv4(address, line)) return [];
    return [{ port: Number(port), ...processOf(line, units) }];
  });
}

/** The process of a line of `ss`, and its unit; a server's first process is the one that was started, and has started the others. */
function processOf(
  line: string,
  units: ReadonlyMap<number, string | undefined>,
): Omit<Listener, 'port'> {
  const processes = [...line.matchAll(/\("([^"]*)",pid=(\d{1,10})/g)].map(
    ([, program = '', pid]) => ({ program, pid: Number(pid) }),
  );
  const [first] = processes.sort((one, other) => one.pid - other.pid);
  if (first === undefined) return {};
  const unit = units.get(first.pid);
  return { ...first, ...(unit !== undefined && { unit }) };
}

/** One at IPv6's own addresses, or that says so, leaves IPv4's ports alone. */
function isForIpv4(address: string, line: string): boolean {
  if (/^[\d.]+(%\S+)?$/.test(address)) return true;
  return ['*', '[::]', '::'].includes(address) && !line.includes('v6only:1');
}

/** Services from which people start programs that are none of theirs: logins, what runs at times, rc.local. */
const STARTERS =
  /^(sshd?|dropbear|user|getty|console-getty|serial-getty|container-getty|crond?|anacron|atd?|rc-local|rc\.local)(@.*)?\.service$/;

/** '/system.slice/nginx.service' → 'nginx.service'; what a login has started belongs to no service. */
function unitOf(group: string): string | undefined {
  const unit = /([^/]+\.service)(\/|$)/.exec(group)?.[1];
  return unit === undefined || STARTERS.test(unit) ? undefined : unit;
}

/** Something that holds a port, for people, and how to end it. */
export interface PortHolder {
  /** 'apache2, process 12 of apache2.service'. */
  readonly text: string;
  readonly hint: string;
}

/**
 * Who holds a TCP port that a service is to listen at, if it is not that service. 'nginx.service' may go on while it is
 * changed; an nginx that was started by hand may not.
 */
export function holderOfPort(
  { listeners = [] }: Pick<Facts, 'listeners'>,
  { port, unit }: { readonly port: number; readonly unit: string },
): PortHolder | undefined {
  const other = listeners.find((one) => one.port === port && one.unit !== unit);
  if (other === undefined) return undefined;
  const { program, pid, unit: service } = other;
  if (program === undefined || pid === undefined) {
    return {
      text: 'something that is no process there',
      hint: `See on the host what \`ss -ltnp\` says of port ${port}, and free it.`,
    };
  }
  if (pid === 1) {
    return {
      text: 'systemd, for a socket unit',
      hint: 'Find the unit on the host with `systemctl list-sockets`, and stop and disable it.',
    };
  }
  if (service !== undefined) {
    return {
      text: `${program}, process ${pid} of ${service}`,
      hint: `Stop it on the host with \`systemctl disable --now ${quote(service)}\`, or have it listen at another port.`,
    };
  }
  return {
    text: `${program}, process ${pid}, started by hand`,
    hint: `Stop it on the host with \`kill -TERM ${pid}\`, and take it out of what starts it at boot (rc.local), if anything does.`,
  };
}

/**
 * Refuses a host on which somebody else holds a TCP port that a service needs.
 * @throws MissingOnHostError
 */
export function requireFreePort(
  facts: Pick<Facts, 'listeners'>,
  wanted: {
    /** 1–65535. */
    readonly port: number;
    /** 'nginx.service'. */
    readonly unit: string;
  },
): void {
  const holder = holderOfPort(facts, wanted);
  if (holder === undefined) return;
  throw new MissingOnHostError(`port ${wanted.port} is held by ${holder.text}`, {
    step: `port ${wanted.port}`,
    hint: holder.hint,
  });
}
