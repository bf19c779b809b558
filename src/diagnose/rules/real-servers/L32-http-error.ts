import { type LabCase } from '../../lab-case.ts';
import { RANK, type Rule } from '../../rule.ts';

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
    if (status === undefined) return [];
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
        cause: WHY[status] ?? 'its web server has a fault of its own: see its error log',
        proof: [
          {
            host: lab.client.name,
            command: `curl -sI http://${of.vip}/`,
            output: [`HTTP/1.1 ${status}`],
          },
        ],
        mend: [
          { host, command: 'tail -n 5 /usr/local/nginx/logs/error.log' },
          { host, command: 'ls -l /usr/local/nginx/html/index.html' },
        ],
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

/** The one server that should answer, and whose page never came. */
function onlySilent({ results, lab }: LabCase): string | undefined {
  const seen = new Set(results.map(({ server }) => server));
  const silent = lab.servers.filter(({ name, weight }) => weight > 0 && !seen.has(name));
  return silent.length === 1 ? silent[0]?.name : undefined;
}

const WHY: Readonly<Record<number, string>> = {
  403: 'the web server must not read the page: its mode or owner, or there is no index.html',
  404: 'there is no such page on that server',
};
