/** One line of a chart. */
export interface Line {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const SIZE = { width: 640, height: 330 };
const FRAME = { left: 70, right: 600, top: 50, bottom: 280 };
const COLOURS = ['#1f5fa8', '#b3541e', '#4a7a2c', '#6b4a8a'];

/** A chart with lines, as SVG: x by its logarithm, y from zero. Text is ours, numbers are finite and more than 0. */
export function renderChart({
  title,
  xTitle,
  yTitle,
  lines,
}: {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly lines: readonly Line[];
}): string {
  const points = lines.flatMap((line) => line.points);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const step = niceStep(Math.max(1, ...points.map(({ y }) => y)) / 5);
  const top = step * Math.ceil(Math.max(1, ...points.map(({ y }) => y)) / step);
  const [first = 1, last = first * 2] = [xs[0], xs.at(-1)];
  const width = Math.log(last / first) || 1;
  const at = {
    x: (x: number) =>
      rounded(FRAME.left + (Math.log(x / first) / width) * (FRAME.right - FRAME.left)),
    y: (y: number) => rounded(FRAME.bottom - (y / top) * (FRAME.bottom - FRAME.top)),
  };
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" height="${SIZE.height}" role="img" aria-label="${title}" font-family="sans-serif" font-size="13">
  <title>${title}</title>
  <rect width="${SIZE.width}" height="${SIZE.height}" fill="#fff"/>
  <text x="${FRAME.left}" y="20">${yTitle}</text>
${ticks.map((tick) => grid(tick, at.y(tick))).join('\n')}
${xs.map((x) => `  <text x="${at.x(x)}" y="${FRAME.bottom + 18}" text-anchor="middle">${x}</text>`).join('\n')}
  <text x="${FRAME.right}" y="${FRAME.bottom + 38}" text-anchor="end">${xTitle}</text>
${lines.map((line, i) => drawn(line, i, at)).join('\n')}
</svg>
`;
}

function grid(tick: number, y: number): string {
  const rule = `<path d="M${FRAME.left} ${y}H${FRAME.right}" stroke="#d0d4d9"/>`;
  return `  ${rule}<text x="${FRAME.left - 8}" y="${y + 4}" text-anchor="end">${tick}</text>`;
}

function drawn(
  { name, points }: Line,
  index: number,
  at: { readonly x: (x: number) => number; readonly y: (y: number) => number },
): string {
  const colour = COLOURS[index % COLOURS.length] ?? '#000';
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${at.x(x)} ${at.y(y)}`).join('');
  const dots = points
    .map(({ x, y }) => `<circle cx="${at.x(x)}" cy="${at.y(y)}" r="3.5"/>`)
    .join('');
  const [left, y] = [FRAME.left + 170 * index, 40];
  return `  <g fill="${colour}"><path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}<path d="M${left} ${y - 4}h18" stroke="${colour}" stroke-width="3"/><text x="${left + 24}" y="${y}">${name}</text></g>`;
}

/** 1, 2 or 5 times a power of ten, and not less than what is asked for. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((one) => one * power >= least) ?? 10) * power;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
