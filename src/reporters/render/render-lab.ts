import { endpoint, serviceTitle } from '../../ipvs/virtual-service.ts';
import { modeOf } from '../../lab/lab-of-service.ts';
import { type Director, type Lab } from '../../lab/lab.ts';
import { displayWidth } from '../text/fit-text.ts';
import { printable } from '../text/printable-text.ts';

/** The signs that a drawing is made of. */
interface Signs {
  readonly line: string;
  readonly arrow: string;
  readonly fork: string;
  readonly last: string;
  readonly across: string;
  /** Top left, top right, bottom left, bottom right. */
  readonly corners: readonly [string, string, string, string];
}

const UNICODE: Signs = {
  line: '│',
  arrow: '▼',
  fork: '├─▶',
  last: '└─▶',
  across: '─',
  corners: ['┌', '┐', '└', '┘'],
};

const ASCII: Signs = {
  line: '|',
  arrow: 'v',
  fork: '|->',
  last: '`->',
  across: '-',
  corners: ['+', '+', '+', '+'],
};

/** The lab as a drawing, on the way that a request takes: client, director with VIP and DIP, real servers. */
export function renderLab(lab: Lab, { unicode }: { readonly unicode: boolean }): string {
  const signs = unicode ? UNICODE : ASCII;
  const { directors, clients, realServers, mode } = lab;
  return [
    ...aligned(clients.map(({ name, address }) => [name, `CIP ${address}`])),
    `  ${signs.line}`,
    `  ${signs.line}  ${networksOf(lab, 'outside')}`,
    `  ${signs.arrow}`,
    ...directors.flatMap((director) => boxed(inBox(director, lab), signs)),
    `  ${signs.line}`,
    `  ${signs.line}  ${networksOf(lab, 'inside')}, the way back ${mode.wayBack}`,
    ...aligned(
      realServers.map(({ name, nic, port, weight }) => [
        name,
        `RIP ${endpoint({ address: nic.address, port })}`,
        nic.device,
        `weight ${weight}`,
      ]),
    ).map((line, i) => `  ${i === realServers.length - 1 ? signs.last : signs.fork} ${line}`),
    '',
  ].join('\n');
}

function inBox({ name, outside, inside }: Director, lab: Lab): readonly string[] {
  const { services } = lab;
  return [
    name,
    ...aligned([
      ...services.map((service) => [`VIP ${serviceTitle(service)}`, outside.device]),
      [`DIP ${inside.address}`, inside.device],
    ]),
    ...services.map(
      (service) => `${service.protocol}, ${service.scheduler}, ${modeOf(lab, service).title}`,
    ),
  ].map(printable);
}

function boxed(lines: readonly string[], { line, across, corners }: Signs): readonly string[] {
  const width = Math.max(...lines.map(displayWidth));
  const edge = across.repeat(width + 2);
  return [
    `${corners[0]}${edge}${corners[1]}`,
    ...lines.map((text) => `${line} ${padded(text, width)} ${line}`),
    `${corners[2]}${edge}${corners[3]}`,
  ];
}

/** Rows of words, each word under the one above it. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map(printable));
  return cells.map((row) =>
    row
      .map((word, i) =>
        padded(word, Math.max(...cells.map((other) => displayWidth(other[i] ?? '')))),
      )
      .join('  ')
      .trimEnd(),
  );
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** The networks that the directors are in on one side: '192.168.2.0/24'. */
function networksOf({ directors, networks }: Lab, side: 'outside' | 'inside'): string {
  const found = networks.filter(({ attachments }) =>
    attachments.some(({ host, device }) =>
      directors.some((director) => director.name === host && director[side].device === device),
    ),
  );
  return found.map(({ network }) => network.text).join(', ');
}
