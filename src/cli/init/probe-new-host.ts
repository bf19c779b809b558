import { LvslabError } from '../../engine/model/failures/errors.ts';
import { read } from '../../engine/host/reading.ts';
import { type Host } from '../../inventory/inventory.ts';
import { detectPlatform } from '../../platforms/detect-platform.ts';
import { type Facts } from '../../platforms/facts/facts.ts';
import { factsScript } from '../../platforms/facts/facts-script.ts';
import { holderOfPort } from '../../platforms/facts/listeners.ts';
import { parseFacts } from '../../platforms/facts/parse-facts.ts';
import { schedulers } from '../../ipvs/distribution/schedulers.ts';
import { type ProbeOutcome } from '../../wizard/questions/interview.ts';
import { type FoundHost } from '../../wizard/questions/question.ts';
import { connect } from '../session/hosts/connect.ts';
import { connectionSettings } from '../session/hosts/connection-settings.ts';
import { askPassphrases, type Passphrases } from '../secrets/passphrases.ts';
import { type Screen } from '../terminal/screen.ts';

/** Logs in to a host and reads what the wizard asks about: its system and its NICs. Changes nothing there. */
export async function probeNewHost(
  host: Host,
  passphrases: Passphrases,
  screen: Screen,
): Promise<ProbeOutcome> {
  try {
    await askPassphrases([connectionSettings(host, {})], passphrases, screen.signal);
    const connection = await connect(host, { passphrases }, screen);
    try {
      const { stdout } = await read(connection, factsScript, { signal: screen.signal });
      const facts = parseFacts(stdout);
      const nics = facts.interfaces.map(({ device, addresses }) => ({ device, addresses }));
      const found = { system: facts.osName, nics, warnings: warnings(host, facts) };
      return { ok: true, found: { ...found, ...kernelOf(facts), ...handStartedNginx(facts) } };
    } finally {
      await connection.close();
    }
  } catch (error) {
    // After Ctrl-C there is nothing to try again.
    if (!(error instanceof LvslabError) || screen.signal.aborted) throw error;
    return { ok: false, problem: `${host.name}: ${inWords(error)}` };
  }
}

/** Where an nginx listens that `nginx_takeover` is about. */
function handStartedNginx(facts: Facts): Pick<FoundHost, 'handStartedNginx'> {
  const ports = (facts.listeners ?? [])
    .map(({ port }) => port)
    .filter((port) => holderOfPort(facts, { port, unit: 'nginx.service' })?.isHandStartedNginx);
  return ports.length === 0 ? {} : { handStartedNginx: ports };
}

/** As the schedulers' list calls it; kernels that it doesn't know may have any of them. */
function kernelOf({ osId, osVersion }: Facts): Pick<FoundHost, 'kernel'> {
  const kernel = osId === 'centos' ? `el${osVersion}` : `${osId}${osVersion}`;
  const isKnown = schedulers.some(({ kernels }) => kernels.some((known) => known === kernel));
  return isKnown ? { kernel } : {};
}

function warnings({ name, groups }: Host, facts: Facts): readonly string[] {
  const noIpvs = `${name}: its kernel ${facts.kernel} has no ip_vs module. Install the distribution's full kernel and boot it`;
  return [
    ...platformWarning(name, facts),
    ...(groups.includes('director') && facts.ipvs === 'missing' ? [noIpvs] : []),
  ];
}

function platformWarning(name: string, facts: Facts): readonly string[] {
  try {
    detectPlatform(facts);
    return [];
  } catch (error) {
    if (!(error instanceof LvslabError)) throw error;
    return [`${name}: ${inWords(error)}`];
  }
}

function inWords({ message, hint }: LvslabError): string {
  return hint === undefined ? message : `${message}. ${hint}`;
}
