import { type BootConflict, type BootRoute } from './boot-view.ts';

/**
 * Of the default routes that a boot makes, the one that packets take.
 * @param assumed the metric of a route that says none.
 */
export function bestRoute(
  routes: readonly BootRoute[],
  assumed: number,
): { readonly defaultRoute?: BootRoute; readonly conflicts: readonly BootConflict[] } {
  const metricOf = ({ metric = assumed }: BootRoute): number => metric;
  const [best, ...others] = routes.toSorted((a, b) => metricOf(a) - metricOf(b));
  if (best === undefined) return { conflicts: [] };
  const rivals = others.filter((route) => metricOf(route) === metricOf(best));
  return {
    defaultRoute: best,
    conflicts: rivals.map(({ file, line, device }) => ({
      file,
      line,
      why: `a default route by ${device}, of the same metric as that by ${best.device} at ${best.file}:${best.line}; which one wins is chance`,
      hint: 'Take one of the two gateways out, or give them metrics.',
    })),
  };
}
