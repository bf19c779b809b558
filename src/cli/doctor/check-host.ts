import { type Connection } from '../../engine/model/connection.ts';
import { CancelledError, LvslabError } from '../../engine/model/failures/errors.ts';
import { read } from '../../engine/host/reading.ts';
import { detectPlatform } from '../../platforms/detect-platform.ts';
import { type Facts } from '../../platforms/facts/facts.ts';
import { factsScript } from '../../platforms/facts/facts-script.ts';
import { holderOfPort } from '../../platforms/facts/listeners.ts';
import { parseFacts } from '../../platforms/facts/parse-facts.ts';
import { BUILD_MIB } from '../../resources/nginx/nginx-build-script.ts';
import { type Lab, type RealServer } from '../../lab/lab.ts';
import { type Finding } from './finding.ts';

/** Package managers refuse repositories "from the future"; certificates have their dates, too. */
const CLOCK_SECONDS = 60;

/** Can this host be part of the lab: reachable, root, platform, clock, disk, NICs, IPVS. */
export async function checkHost({
  name,
  lab,
  connect,
  epochSeconds,
  signal,
}: {
  readonly name: string;
  readonly lab: Lab;
  readonly connect: () => Promise<Connection>;
  /** The controller's clock. */
  readonly epochSeconds: () => number;
  readonly signal: AbortSignal;
}): Promise<readonly Finding[]> {
  try {
    const connection = await connect();
    try {
      const { stdout } = await read(connection, factsScript, { signal });
      const facts = parseFacts(stdout);
      const findings = [
        { subject: 'login and root', judgement: 'ok' as const, text: facts.hostname },
        checkPlatform(facts),
        checkClock(facts, epochSeconds()),
        ...checkRole(name, lab, facts),
      ];
      return findings.map((finding) => ({ ...finding, subject: `${name}: ${finding.subject}` }));
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof LvslabError) || error instanceof CancelledError) throw error;
    return [failure(`${name}: login and root`, error)];
  }
}

function checkPlatform(facts: Facts): Finding {
  try {
    const { title } = detectPlatform(facts);
    return { subject: 'platform', judgement: 'ok', text: `${facts.osName} (${title})` };
  } catch (error) {
    if (!(error instanceof LvslabError)) throw error;
    return failure('platform', error);
  }
}

function checkClock(facts: Facts, now: number): Finding {
  const off = Math.round(facts.epochSeconds - now);
  return Math.abs(off) <= CLOCK_SECONDS
    ? { subject: 'clock', judgement: 'ok', text: 'as this machine has it' }
    : {
        subject: 'clock',
        judgement: 'warning',
        text: `${Math.abs(off)} s ${off > 0 ? 'ahead' : 'behind'}: package sources may be refused; set it there with \`timedatectl set-ntp true\``,
      };
}

function checkRole(name: string, lab: Lab, facts: Facts): readonly Finding[] {
  const server = lab.realServers.find((real) => real.name === name);
  const director = lab.directors.find((other) => other.name === name);
  if (director !== undefined) {
    return [
      checkNic(facts, director.inside.device, 'NIC to the real servers'),
      checkNic(facts, director.outside.device, 'NIC to the clients'),
      checkIpvs(facts),
    ];
  }
  return server === undefined
    ? []
    : [checkNic(facts, server.nic.device, 'NIC'), checkSpace(facts), checkPort(facts, server)];
}

function checkNic({ interfaces }: Facts, device: string, subject: string): Finding {
  const nic = interfaces.find((found) => found.device === device);
  if (nic !== undefined) {
    const addresses = nic.addresses.join(', ') || 'no address yet';
    return { subject, judgement: 'ok', text: `${device}, ${addresses}` };
  }
  const found = interfaces.map((other) => other.device).join(', ') || 'none';
  return {
    subject,
    judgement: 'failed',
    text: `${device} is missing; there are: ${found}. Add the NIC, or name the right one in the inventory`,
  };
}

function checkIpvs({ ipvs, kernel }: Facts): Finding {
  return ipvs === 'missing'
    ? {
        subject: 'IPVS',
        judgement: 'failed',
        text: `kernel ${kernel} has no ip_vs module; install the distribution's full kernel and boot it`,
      }
    : { subject: 'IPVS', judgement: 'ok', text: ipvs };
}

function checkSpace({ freeDiskKiB }: Facts): Finding {
  const free = Math.floor((freeDiskKiB.get('/usr/local') ?? 0) / 1024);
  return {
    subject: 'disk',
    judgement: free >= BUILD_MIB ? 'ok' : 'failed',
    text: `${free} MiB free in /usr/local; the build needs ${BUILD_MIB}`,
  };
}

function checkPort(facts: Facts, { port, takesOver }: RealServer): Finding {
  const subject = `port ${port}`;
  const holder = holderOfPort(facts, { port, unit: 'nginx.service' });
  if (holder === undefined) return { subject, judgement: 'ok', text: "free, or nginx.service's" };
  const held = `held by ${holder.text}`;
  return takesOver === true && holder.isHandStartedNginx === true
    ? { subject, judgement: 'ok', text: `${held}, which \`lvslab apply\` stops` }
    : { subject, judgement: 'failed', text: `${held}. ${holder.hint}` };
}

function failure(subject: string, { message, hint }: LvslabError): Finding {
  return {
    subject,
    judgement: 'failed',
    text: hint === undefined ? message : `${message}. ${hint}`,
  };
}
