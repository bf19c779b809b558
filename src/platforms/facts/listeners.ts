import { MissingOnHostError } from '../../engine/model/failures/errors.ts';
import { quote } from '../../engine/model/shell/script.ts';
import { type Facts, type Listener } from './facts.ts';

/** Who listens at a TCP port for IPv4, as `printListeners` printed it. */
export function parseListeners(lines: readonly string[]): readonly Listener[] {
  const starters = new Map(
    lines.flatMap((line) => {
      const [, pid, group = ''] = /^\s*pid (\d{1,10}) (.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [[Number(pid), startedBy(group)] as const];
    }),
  );
  return lines.flatMap((line) => {
    const [state, , , local = ''] = line.trim().split(/\s+/);
    const [, address = '', port] = /^(.*):(\d{1,5})$/.exec(local) ?? [];
    if (state !== 'LISTEN' || port === undefined || !isForIpv4(address, line)) return [];
    return [{ port: Number(port), ...(serviceOf(line) ?? processOf(line, starters)) }];
  });
}

/** The service of a line of `ss` that tells of no process, where its socket was opened by one. */
function serviceOf(line: string): Pick<Listener, 'unit'> | undefined {
  if (line.includes(' users:(')) return undefined;
  const [, unit] = / cgroup:\/system\.slice\/(?:\S*\/)?([^/\s]+\.service)(?:\s|$)/.exec(line) ?? [];
  return unit === undefined ? undefined : { unit };
}

/** The process of a line of `ss`, and its unit; a server's first process is the one that was started, and has started the others. */
function processOf(
  line: string,
  starters: ReadonlyMap<number, Pick<Listener, 'unit' | 'inContainer'>>,
): Omit<Listener, 'port'> {
  const processes = [...line.matchAll(/\("([^"]*)",pid=(\d{1,10})/g)].map(
    ([, program = '', pid]) => ({ program, pid: Number(pid) }),
  );
  const [first] = processes.sort((one, other) => one.pid - other.pid);
  if (first === undefined) return {};
  return { ...first, ...starters.get(first.pid) };
}

/** One at IPv6's own addresses, or that says so, leaves IPv4's ports alone. */
function isForIpv4(address: string, line: string): boolean {
  if (/^[\d.]+(%\S+)?$/.test(address)) return true;
  return ['*', '[::]', '::'].includes(address) && !line.includes('v6only:1');
}

/** Services from which people start programs that are none of theirs: logins, what runs at times, rc.local. */
export const STARTERS = [
  ...[
    'sshd',
    'ssh',
    'dropbear',
    'user',
    'getty',
    'console-getty',
    'serial-getty',
    'container-getty',
  ],
  ...['cron', 'crond', 'anacron', 'at', 'atd', 'rc-local', 'rc.local'],
] as const;

/** '/system.slice/nginx.service' → 'nginx.service'; what a login has started belongs to no service. */
export function unitOf(group: string): string | undefined {
  const unit = /([^/]+\.service)(\/|$)/.exec(group)?.[1];
  const [, name] = /^([^@]*)(?:@.*)?\.service$/.exec(unit ?? '') ?? [];
  return STARTERS.some((starter) => starter === name) ? undefined : unit;
}

/** Control groups as those name them that run containers. */
const CONTAINER = /(^|[/.-])(docker|libpod|containerd|cri|crio|kubepods|lxc)[-./][^/]*[\da-f]{8}/;

/** What has started a process of this control group. */
function startedBy(group: string): Pick<Listener, 'unit' | 'inContainer'> {
  if (CONTAINER.test(group)) return { inContainer: true };
  const unit = unitOf(group);
  return unit === undefined ? {} : { unit };
}

/** Something that holds a port, for people, and how to end it. */
export interface PortHolder {
  /** 'apache2, process 12 of apache2.service'. */
  readonly text: string;
  readonly hint: string;
  /** It is an nginx that somebody started by hand: lvslab can stop it, and start it again. */
  readonly isHandStartedNginx?: true;
}

/** A TCP port that a service of systemd's is to listen at. */
interface WantedPort {
  /** 1–65535. */
  readonly port: number;
  /** 'nginx.service'. */
  readonly unit: string;
}

/**
 * Who holds a TCP port that a service is to listen at, if it is not that service. 'nginx.service' may go on while it is
 * changed; an nginx that was started by hand may not.
 */
export function holderOfPort(
  { listeners = [] }: Pick<Facts, 'listeners'>,
  { port, unit }: WantedPort,
): PortHolder | undefined {
  const other = listeners.find((one) => one.port === port && one.unit !== unit);
  if (other === undefined) return undefined;
  const { program, pid } = other;
  if (program !== undefined && pid !== undefined) return processHolder({ ...other, program, pid });
  if (other.unit !== undefined) return serviceHolder('a process', other.unit);
  return {
    text: 'something that is no process there',
    hint: `See on the host what \`ss -ltnp\` says of port ${port}, and free it.`,
  };
}

function processHolder({
  program,
  pid,
  unit,
  inContainer,
}: Listener & { readonly program: string; readonly pid: number }): PortHolder {
  if (pid === 1) {
    return {
      text: 'systemd, for a socket unit',
      hint: 'Find the unit on the host with `systemctl list-sockets`, and stop and disable it.',
    };
  }
  if (inContainer === true) {
    return {
      text: `${program}, process ${pid} of a container`,
      hint: 'Stop the container, or have it publish another port.',
    };
  }
  if (unit !== undefined) return serviceHolder(`${program}, process ${pid}`, unit);
  return handStarted(program, pid);
}

function serviceHolder(process: string, unit: string): PortHolder {
  return {
    text: `${process} of ${unit}`,
    hint: `Stop it on the host with \`systemctl disable --now ${quote(unit)}\`, or have it listen at another port.`,
  };
}

function handStarted(program: string, pid: number): PortHolder {
  const text = `${program}, process ${pid}, started by hand`;
  const stop = `top it on the host with \`kill -TERM ${pid}\`, and take it out of what starts it at boot (rc.local), if anything does.`;
  if (program !== 'nginx') return { text, hint: `S${stop}` };
  return {
    text,
    hint: `Set nginx_takeover: yes for the host, and lvslab stops it and a teardown starts it again; or s${stop}`,
    isHandStartedNginx: true,
  };
}

/**
 * Refuses a host on which somebody else holds a TCP port that a service needs.
 * @throws MissingOnHostError
 */
export function requireFreePort(
  facts: Pick<Facts, 'listeners'>,
  wanted: WantedPort & {
    /** An nginx that somebody started by hand may hold it: `handStartedNginx` ends that. */
    readonly takesOver?: boolean;
  },
): void {
  const holder = holderOfPort(facts, wanted);
  if (holder === undefined) return;
  if (wanted.takesOver === true && holder.isHandStartedNginx === true) return;
  throw new MissingOnHostError(`port ${wanted.port} is held by ${holder.text}`, {
    step: `port ${wanted.port}`,
    hint: holder.hint,
  });
}
