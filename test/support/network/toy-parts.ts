/**
 * /proc/net/ip_vs_stats_percpu as a kernel with two processors prints it.
 * @param counted connections: those by now, those that the estimator has of them, and those of services that are gone.
 */
export function totalsText({
  current,
  estimated,
  gone,
}: {
  readonly current: number;
  readonly estimated: number;
  readonly gone: number;
}): string {
  const hex = (count: number) => count.toString(16).toUpperCase();
  const row = (cpu: string, count: number) =>
    `${cpu} ${hex(count)} ${hex(5 * count)} ${hex(5 * count)} 0 0`;
  const second = Math.floor(current / 2);
  return [
    '       Total Incoming Outgoing         Incoming         Outgoing',
    'CPU    Conns  Packets  Packets            Bytes            Bytes',
    row('  0', current - second + gone),
    row('  1', second),
    row('  ~', estimated + gone),
    '',
    '     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s',
    '           0        0        0                0                0',
    '',
  ].join('\n');
}

/** `ipvsadm -Ln --stats` with these rows, each with so many connections. */
export function statsText(
  rows: readonly (readonly [label: string, connections: number])[],
): string {
  // Five packets each way for a request, as a small page takes them.
  const row = (label: string, count: number) => `${label} ${count} ${5 * count} ${5 * count} 0 0`;
  return [
    'IP Virtual Server version 1.2.1 (size=4096)',
    'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes',
    '  -> RemoteAddress:Port',
    ...rows.map(([label, count]) => row(label, count)),
    '',
  ].join('\n');
}

/** The ports in the words of curls, line by line. */
export function askedPortsIn(text: string): readonly number[] {
  return text.split('\n').flatMap((line) => {
    const port = /http:\/\/[\d.]+:(\d+)\//.exec(line)?.[1];
    return port === undefined ? [] : [Number(port)];
  });
}

/** An nginx that nobody builds. */
export const noBuild = {
  version: '1.16.1',
  sha256: '',
  url: '',
  user: 'nginx',
  configureArguments: [],
} as const;
