import { type Connection } from '../../engine/model/connection.ts';
import { type Observed } from '../../engine/model/resource.ts';
import { endpoint, type VirtualService, withAskedPorts } from '../../ipvs/virtual-service.ts';
import { type Director, type Lab } from '../../lab/lab.ts';
import { observeParts, type VerifyContext } from '../../verify/readings/observe-parts.ts';
import { type RequestBatch } from '../../verify/readings/request-batch.ts';
import { runTask, type TaskReporting } from '../../verify/run-task.ts';
import {
  counterScripts,
  readIpvsCounters,
  type HostQuestions,
  stateScripts,
} from './host-scripts.ts';
import { type NamedScript, type PartName } from './reading-parts.ts';
import { type Printed, readingOf } from './parse/parse-host.ts';
import { lackingIn } from './parse/parse-ipvs.ts';
import { type LabView, type Readings, type RequestReading, type TraceReading } from './readings.ts';
import { type AskedService, askService, outcomesOf } from './requests.ts';

/** One service of a lab on one director, with its real servers as the service has them, with the hosts that can be reached. */
export interface LabUnderDiagnosis extends VerifyContext, TaskReporting {
  readonly lab: Lab;
  readonly service: VirtualService;
  readonly director: Director;
  /** Where requests are made; its connection is missing where nothing could be asked. */
  readonly client: string;
  /** By inventory name. */
  readonly hosts: ReadonlyMap<string, Connection>;
  /** By inventory name, why there is no connection. */
  readonly unreachable: ReadonlyMap<string, string>;
  /** Its inventory leaves out what the hosts were asked for. */
  readonly isShort?: true;
  /** Shows one request on every wire; not set where that was not asked for. */
  readonly traceRequest?: (under: LabUnderDiagnosis) => Promise<TracedRequest>;
}

/** What a trace showed, or why none could be taken. */
export type TracedRequest = { readonly trace: TraceReading } | { readonly why: string };

/** Nothing that was counted is for a server that is gone; where it is otherwise, the first reading tells. */
const NOTHING_LACKS = '0 0 0';

/**
 * Reads client, director and real servers before and after a handful of requests. Changes nothing: what is asked of a host
 * prints what is there, and the requests are those of any client.
 * @param requests how many, each over a new connection; 0 for none.
 * @throws CancelledError; what else goes wrong is left out of the readings.
 */
export async function takeReadings(
  test: LabUnderDiagnosis,
  { requests: asked }: { readonly requests: number },
): Promise<Readings> {
  const ipvs = ({ isDirector }: HostQuestions, lacking: string): readonly NamedScript[] =>
    isDirector
      ? [{ name: COUNTERS, script: readIpvsCounters(asked === 0 ? undefined : lacking) }]
      : [];
  const before = await runTask('read all hosts before the requests', test, () =>
    askAll(test, (questions) => [...counterScripts(questions), ...ipvs(questions, NOTHING_LACKS)]),
  );
  const made = asked === 0 ? undefined : await makeRequests(test, asked);
  const batch = made?.batch;
  const view = viewOf(test, batch);
  const lacking = lackingBefore(before.get(test.director.name));
  // IPVS's counters come last: what they lag behind has come in while the rest was read.
  const after = await runTask('read all hosts', test, () =>
    askAll(
      test,
      (questions) => [
        ...counterScripts(questions),
        ...stateScripts(questions),
        ...ipvs(questions, lacking),
      ],
      view.client.address,
    ),
  );
  // Behind all that is read, for it is none of the requests that the counters are held against.
  const large = batch === undefined ? undefined : await makeLargeRequest(test);
  const traced = batch === undefined ? undefined : await traceWhereFailing(test, batch);
  const read = [...test.hosts.keys()].map((name) => {
    const printed = { before: before.get(name) ?? NOTHING, after: after.get(name) ?? NOTHING };
    return { name, ...readingOf(printed, test.service) };
  });
  return {
    version: 1,
    lab: view,
    ...(batch !== undefined && {
      requests: {
        asked,
        results: outcomesOf(batch, test.lab.realServers, test.service.protocol),
      },
    }),
    ...(large !== undefined && { largeRequest: large }),
    ...(traced !== undefined && 'trace' in traced && { trace: traced.trace }),
    hosts: Object.fromEntries(read.map(({ name, reading }) => [name, reading])),
    unread: Object.fromEntries(
      read
        .map(({ name, unread }) => {
          if (name !== test.client) return [name, unread] as const;
          return [name, { ...unread, ...whyNot(ANSWERS, made), ...whyNot(TRACE, traced) }] as const;
        })
        .filter(([, unread]) => Object.keys(unread).length > 0),
    ),
    unreachable: Object.fromEntries(test.unreachable),
  };
}

const COUNTERS = 'ipvs counters';
/** What the client is asked beside what it has to say of itself. */
const ANSWERS = 'answers';
const TRACE = 'trace';

function whyNot(part: PartName, made: object | undefined): Readonly<Record<string, string>> {
  return made !== undefined && 'why' in made && typeof made.why === 'string'
    ? { [part]: made.why }
    : {};
}

/** A trace of what is answered would show nothing that the answers don't. */
async function traceWhereFailing(
  test: LabUnderDiagnosis,
  batch: RequestBatch,
): Promise<TracedRequest | undefined> {
  const { lab, service, traceRequest } = test;
  const outcomes = outcomesOf(batch, lab.realServers, service.protocol);
  const isFailing = outcomes.some(({ outcome }) => outcome !== 'answered');
  return isFailing ? await traceRequest?.(test) : undefined;
}

const NOTHING: Printed = new Map<string, Observed<string>>();

/** What a listing that is complete lacks, by the reading before the requests. */
function lackingBefore(printed: Printed = NOTHING): string {
  const read = printed.get(COUNTERS);
  return (read?.kind === 'value' ? lackingIn(read.value) : undefined) ?? NOTHING_LACKS;
}

async function makeRequests(
  test: LabUnderDiagnosis,
  count: number,
): Promise<AskedService | undefined> {
  const connection = test.hosts.get(test.client);
  return connection === undefined ? undefined : await askService(connection, count, test);
}

/** Where small requests prove nothing of large ones; undefined elsewhere, and where it could not be made. */
async function makeLargeRequest(test: LabUnderDiagnosis): Promise<RequestReading | undefined> {
  const { hosts, client, lab, service } = test;
  const connection = hosts.get(client);
  const isInDoubt = lab.mode.traffic.largeOtherwise !== undefined && service.protocol === 'tcp';
  if (connection === undefined || !isInDoubt) return undefined;
  const { batch } = await askService(connection, 1, { ...test, isLarge: true });
  return batch === undefined ? undefined : outcomesOf(batch, lab.realServers, 'tcp')[0];
}

/** Asks all hosts at once, each for what its part in the lab makes interesting. */
async function askAll(
  test: LabUnderDiagnosis,
  scriptsFor: (questions: HostQuestions) => readonly NamedScript[],
  clientAddress?: string,
): Promise<ReadonlyMap<string, Printed>> {
  const answers = [...test.hosts].map(async ([name, connection]) => {
    const scripts = scriptsFor(questionsFor(name, test, clientAddress));
    const printed = await observeParts(
      connection,
      scripts.map(({ script }) => script),
      test,
    );
    return [
      name,
      new Map(scripts.map((one, i) => [one.name, printed[i] ?? MISSING] as const)),
    ] as const;
  });
  return new Map(await Promise.all(answers));
}

const MISSING: Observed<string> = { kind: 'unknown', reason: 'not read' };

function questionsFor(
  name: string,
  { lab, service, director }: LabUnderDiagnosis,
  clientAddress: string | undefined,
): HostQuestions {
  const isDirector = name === director.name;
  const isServer = lab.realServers.some((server) => server.name === name);
  const clients = [
    ...(clientAddress === undefined ? [] : [clientAddress]),
    ...lab.clients.map(({ address }) => address),
  ];
  const servers = service.destinations.map(({ address }) => address);
  return {
    isDirector,
    isMarked: service.mark !== undefined,
    isProvider: isDirector || isServer,
    isTunnelEnd: isServer && lab.mode.vipDevice === 'tunl0',
    waysTo: [
      ...new Set([
        ...(isDirector || isServer ? clients : []),
        ...(isDirector ? servers : []),
        service.address,
        ...(isServer ? [director.inside.address] : []),
      ]),
    ],
    calledAs: service.address,
    requests:
      isDirector && service.protocol === 'tcp'
        ? withAskedPorts(service).destinations.map(endpoint)
        : [],
  };
}

function viewOf(
  { lab, service, director, client, isShort }: LabUnderDiagnosis,
  batch: RequestBatch | undefined,
): LabView {
  const known = lab.clients.find(({ name }) => name === client);
  const seen = batch?.results.find(({ clientAddress }) => clientAddress !== '')?.clientAddress;
  const address = seen ?? known?.address ?? lab.clients[0]?.address;
  return {
    mode: lab.mode.name,
    ...(isShort && { isShort }),
    service: viewOfService(service),
    director: {
      name: director.name,
      dip: director.inside.address,
      inside: director.inside.device,
      outside: director.outside.device,
    },
    servers: lab.realServers.map(({ name, nic, port, weight }) => ({
      name,
      address: nic.address,
      length: nic.prefix,
      device: nic.device,
      port,
      weight,
    })),
    client: {
      name: client,
      isKnown: known !== undefined,
      ...(address !== undefined && { address }),
    },
  };
}

function viewOfService({ ports, ...service }: VirtualService): LabView['service'] {
  const destinations = [...withAskedPorts(service).destinations];
  return { ...service, destinations, ...(ports !== undefined && { ports: [...ports] }) };
}
