import { type RealServer } from '../../lab/lab.ts';
import { type RequestCounts } from '../report.ts';
import { type RequestBatch, type RequestResult } from './request-batch.ts';

/** How one request ended, seen as the lab sees it. */
export type Answer =
  | { readonly kind: 'answered'; readonly server: RealServer }
  | { readonly kind: 'refused' | 'timed-out' }
  /** Something else: what curl met, or a page that is no real server's or more than one's. */
  | { readonly kind: 'strange'; readonly what: string };

/** curl's exit statuses that the lab knows the meaning of; its texts differ between versions. */
const REFUSED = 7;
const TIMED_OUT = 28;

/** Tells for every request, in order, whose answer it got, by the page. */
export function readAnswers(
  { results }: RequestBatch,
  servers: readonly RealServer[],
  protocol: 'tcp' | 'udp' = 'tcp',
): readonly Answer[] {
  const pages = answeringBy(servers, protocol);
  return results.map((result) => readAnswer(result, pages));
}

/** The servers with what nginx answers over this protocol as their page: to a datagram, the RIP. */
export function answeringBy(
  servers: readonly RealServer[],
  protocol: 'tcp' | 'udp',
): readonly RealServer[] {
  return protocol === 'tcp' ? servers : servers.map((one) => ({ ...one, page: one.nic.address }));
}

/** Counts how the requests ended. */
export function countRequests(asked: number, answers: readonly Answer[]): RequestCounts {
  const count = (kind: Answer['kind']) => answers.filter((answer) => answer.kind === kind).length;
  return {
    asked,
    made: answers.length,
    answered: count('answered'),
    refused: count('refused'),
    timedOut: count('timed-out'),
    strange: count('strange'),
  };
}

/** How many of the answers are a server's. */
export function countBodies(answers: readonly Answer[], name: string): number {
  return answers.filter((answer) => answer.kind === 'answered' && answer.server.name === name)
    .length;
}

/** What came instead of answers and of ends that are known, in words; '' where nothing else did. */
export function describeStrange(answers: readonly Answer[]): string {
  const met = answers.flatMap((answer) => (answer.kind === 'strange' ? [answer.what] : []));
  const kinds = [...new Set(met)].slice(0, 3);
  return kinds.length === 0 ? '' : `Met, but not expected: ${kinds.join('; ')}.`;
}

function readAnswer(result: RequestResult, servers: readonly RealServer[]): Answer {
  if (result.isTooLong === true) {
    return {
      kind: 'strange',
      what: `a server behind the VIP sends a page that is longer than all of the lab's, ${abbreviate(result.body)}`,
    };
  }
  if (result.exitCode === REFUSED) return { kind: 'refused' };
  if (result.exitCode === TIMED_OUT) return { kind: 'timed-out' };
  if (result.exitCode !== 0)
    return { kind: 'strange', what: `curl's exit status ${result.exitCode}` };
  if (result.status !== 200) return { kind: 'strange', what: `HTTP status ${result.status}` };
  const [server, ...others] = servers.filter(({ page }) => result.body === `${page}\n`);
  if (server === undefined) return { kind: 'strange', what: `the page ${abbreviate(result.body)}` };
  if (others.length > 0) {
    const names = [server, ...others].map(({ name }) => name).join(' and ');
    return { kind: 'strange', what: `a page that ${names} have in common` };
  }
  return { kind: 'answered', server };
}

function abbreviate(body: string): string {
  const line = body.slice(0, 1000).trim().replaceAll(/\s+/g, ' ');
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}...` : line);
}
