import { absent, type Target, value } from '../../engine/model/resource.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
import {
  fileSection,
  filledLines,
  parseSections,
  sayFunction,
  section,
} from '../../platforms/sections.ts';
import { type Fields, fieldChanges } from '../field-changes.ts';
import { type NginxBuildPlan, stampFile } from './nginx-build-plan.ts';
import { remainsOf } from './nginx-build-script.ts';

/** An installed nginx, or whatever else lies at its prefix. */
export interface NginxBuildState {
  /** What `nginx -V` says; '' where there is no nginx that answers. */
  readonly version: string;
  /** The stamp that lvslab's own build left, and whether the binary is still the one that it built. */
  readonly stamp?: { readonly text: string; readonly intact: boolean };
  /** What a build that was cut off left outside of the prefix, whether anything is in the prefix or not. */
  readonly remains?: 'alone' | 'beside';
}

/** Prints it. */
export function observeBuild(plan: NginxBuildPlan): Script {
  const { prefix } = plan;
  const binary = `${prefix}/sbin/nginx`;
  return sh`
    if [ -e ${prefix} ]; then
    ${section('version', sh`${binary} -V 2>&1`, { mayFail: true })}
    if [ -e ${stampFile(prefix)} ]; then
    ${fileSection('stamp', stampFile(prefix))}
    ${section('binary', sh`sha256sum <${binary}`, { mayFail: true })}
    fi
    fi
    lvslab_left=
    for lvslab_place in ${remainsOf(plan)}; do
      if [ -e "$lvslab_place" ]; then lvslab_left=$lvslab_place; fi
    done
    ${sayFunction}
    [ -z "$lvslab_left" ] || lvslab_say remains "$lvslab_left"
  `;
}

/** Reads what was printed. */
export function parseBuild(output: string): Target<NginxBuildState> {
  const sections = parseSections(output);
  const answer = sections.get('version');
  const isLeft = sections.has('remains');
  if (answer === undefined) return isLeft ? value({ version: '', remains: 'alone' }) : absent;
  const beside = isLeft ? ({ remains: 'beside' } as const) : {};
  const version = /^nginx version: [^/]+\/([\d.]+)/m.exec(answer)?.[1] ?? '';
  const stamp = sections.get('stamp');
  if (stamp === undefined) return value({ version, ...beside });
  const built = /^# binary (\w+)/m.exec(stamp)?.[1];
  const [now] = (sections.get('binary') ?? '').split(' ');
  const text = filledLines(stamp).filter((line) => !line.startsWith('# '));
  return value({
    version,
    stamp: { text: text.join('\n'), intact: built !== undefined && built === now },
    ...beside,
  });
}

/** Whether the change is a build, and not one of what lies around it alone. */
export function isBuilt(from: Target<NginxBuildState>, to: Target<NginxBuildState>): boolean {
  if (to.kind === 'absent' || to.value.stamp === undefined) return false;
  return fieldChanges(describe(from), describe(to)).length > 0;
}

/** What a build left that was cut off is nobody's, also where it was found before a change. */
export function withoutRemains(state: Target<NginxBuildState>): Target<NginxBuildState> {
  if (state.kind === 'absent' || state.value.remains === undefined) return state;
  const { remains, ...rest } = state.value;
  return remains === 'alone' ? absent : value(rest);
}

/** What is in the prefix. */
export function describe(state: Target<NginxBuildState>): Fields {
  if (state.kind === 'absent' || state.value.remains === 'alone') return {};
  const { version, stamp } = state.value;
  return {
    version: version === '' ? 'none that answers' : version,
    'built from': stamp?.text ?? 'not built by lvslab',
    binary: stamp === undefined || stamp.intact ? undefined : 'changed since it was built',
  };
}
