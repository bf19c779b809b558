import { type LabCase, type ReadServer } from '../../lab-case.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';
import { eachServer } from '../finding-parts.ts';

/** Everything but the page is right: a web server answers with an error. */
export const httpError: Rule = {
  id: 'L32',
  title: 'a web server answers with an error',
  page: 'L32-http-error',
  modes: ['nat', 'dr', 'tun'],
  protocol: 'tcp',
  rank: RANK.realServer,
  find: (of) => {
    if (of.results.length === 0) return 'not told';
    const errors = of.results.flatMap(({ status = 0 }) => (status >= 400 ? [status] : []));
    const [status] = errors;
    if (status === undefined) {
      return eachServer(of, (server) => judgeUnasked(of, server));
    }
    const { lab } = of;
    const only = onlySilent(of);
    const host = only ?? lab.director.name;
    const what =
      only === undefined
        ? 'hands out answers that are errors'
        : 'answers with an error instead of its page';
    return [
      {
        host,
        what: `${what}: HTTP ${status}, ${errors.length} times`,
        cause: causeOf(status),
        proof: [
          {
            host: lab.client.name,
            command: `curl -sI http://${of.vip}/`,
            output: [`HTTP/1.1 ${status}`],
          },
        ],
        mend: MEND.map((command) => ({ host, command })),
        isDrift: true,
        hits: 'now',
      },
    ];
  },
  hints: [
    'Is the answer that comes the page, or an error? `curl -i` shows the status.',
    "What does the web server's error log say? `tail /usr/local/nginx/logs/error.log`, on the servers",
  ],
};

/** A server that none of the requests came to, as a client of its own would find it. */
function judgeUnasked(of: LabCase, { server, at }: ReadServer): Finding | undefined {
  const { name: host } = server;
  const status = of.answer(at);
  const hasAnswered = of.results.some((result) => result.server === host);
  if (status === undefined || status < 400 || hasAnswered) return undefined;
  return {
    host,
    what: `would answer with an error instead of its page: HTTP ${status}, and no request came to it`,
    cause: causeOf(status),
    proof: [
      {
        host: of.lab.director.name,
        command: `curl -sI -H 'Host: ${of.vip}' http://${at}/`,
        output: [`HTTP/1.1 ${status}`],
      },
    ],
    mend: MEND.map((command) => ({ host, command })),
    isDrift: true,
    hits: 'now',
  };
}

const MEND = [
  'tail -n 5 /usr/local/nginx/logs/error.log',
  'ls -l /usr/local/nginx/html/index.html',
] as const;

/** The one server that should answer, and whose page never came. */
function onlySilent({ results, lab }: LabCase): string | undefined {
  const seen = new Set(results.map(({ server }) => server));
  const silent = lab.servers.filter(({ name, weight }) => weight > 0 && !seen.has(name));
  return silent.length === 1 ? silent[0]?.name : undefined;
}

function causeOf(status: number): string {
  return WHY[status] ?? 'its web server has a fault of its own: see its error log';
}

const WHY: Readonly<Record<number, string>> = {
  403: 'the web server must not read the page: its mode or owner, or there is no index.html',
  404: 'there is no such page on that server',
};
