import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { absent, type Resource, type Target, unknown, value } from '../../engine/model/resource.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import { observeKey, replaceKey } from '../files/config-key.ts';
import { type Fields, fieldChanges } from '../field-changes.ts';
import { line } from '../schemas.ts';
import { type Platform } from '../../platforms/platform.ts';
import {
  asBefore,
  type BootableKernel,
  bootableKernels,
  convergeKernels,
  describeKernels,
  observeKernels,
  parseKernels,
  withoutSelinux,
} from './selinux-kernels.ts';

const MODES = ['Enforcing', 'Permissive', 'Disabled'] as const;

/** What `getenforce` says. */
type SelinuxMode = (typeof MODES)[number];

/** SELinux is three facts: what it does now, what its file says for the next boot, and what the kernel was told. */
export interface SelinuxState {
  readonly runtime: SelinuxMode;
  /** The SELINUX= lines of the configuration file, as they stand there. */
  readonly file: readonly string[];
  /** 'selinux=0' or 'enforcing=1' where the kernel's command line says so; it wins over the file. */
  readonly bootParameters: readonly string[];
  /** The kernels that the boot loader offers, where their arguments are what turns it off. */
  readonly kernels?: readonly BootableKernel[];
}

/** The file itself; /etc/sysconfig/selinux is a symlink to it. */
const CONFIG = '/etc/selinux/config';

const observeMode = sh`if command -v getenforce >/dev/null; then getenforce; else echo Disabled; fi`;

const modes = ['disabled', 'permissive'] as const;

/**
 * SELinux out of the way: not enforcing now, and `mode` after the next boot, by what really does that on the host's release:
 * the file, or, for 'disabled' from release 9 on, an argument of the kernel. Where there is no SELinux, nothing is to be done.
 */
export function selinux(
  mode: (typeof modes)[number],
  platform: Pick<Platform, 'selinux'> = {},
): Resource<SelinuxState> {
  const isByKernel = mode === 'disabled' && platform.selinux === 'kernel argument';
  return selinuxBy(isByKernel ? { mode, by: 'kernel argument' } : mode);
}

/** SELinux out of the way, as journals write it. */
export const selinuxBy = defineKind('selinux', {
  args: z.union([
    z.enum(modes),
    z.object({ mode: z.literal('disabled'), by: z.literal('kernel argument') }),
  ]),
  state: z.object({
    runtime: z.enum(MODES),
    file: z.array(line),
    bootParameters: z.array(line),
    kernels: bootableKernels.exactOptional(),
  }),
  make: (args): Resource<SelinuxState> =>
    typeof args === 'string' ? resource(args, false) : resource(args.mode, true),
});

function resource(mode: (typeof modes)[number], isByKernel: boolean): Resource<SelinuxState> {
  return {
    id: 'selinux',
    aim(found) {
      if (found.kind === 'absent') return absent;
      const { file, kernels = [] } = found.value;
      const runtime = 'Permissive';
      return kernels.length > 0
        ? value({ runtime, file, bootParameters: [], kernels: withoutSelinux(kernels) })
        : value({ runtime, file: [`SELINUX=${mode}`], bootParameters: [] });
    },
    observe: sh`
      if [ -e ${CONFIG} ]; then
      ${section('runtime', observeMode)}
      ${section('file', observeKey(CONFIG, 'SELINUX'))}
      ${isByKernel ? observeKernels : lines()}
      ${section('boot', sh`tr ' ' '\n' </proc/cmdline | sed -n '/^selinux=[01]$/p; /^enforcing=[01]$/p'`)}
      fi
    `,
    parse(output) {
      const sections = parseSections(output);
      const answer = sections.get('runtime');
      if (answer === undefined) return absent;
      const runtime = MODES.find((known) => known === answer.trim());
      if (runtime === undefined) return unknown(`getenforce says '${answer}'`);
      const kernels = isByKernel ? parseKernels(sections.get('kernels')) : undefined;
      if (isByKernel && kernels === undefined) return unknown('grubby tells no kernels');
      return value({
        runtime,
        file: filledLines(sections.get('file')),
        bootParameters: filledLines(sections.get('boot')),
        ...(kernels !== undefined && { kernels }),
      });
    },
    diff(observed, to) {
      if (observed.kind === 'absent') return [];
      return fieldChanges(describe(observed), describe(to));
    },
    converge(from, to) {
      if (from.kind === 'absent' || to.kind === 'absent') return lines();
      return lines(
        isEnforcing(from) === isEnforcing(to)
          ? undefined
          : sh`setenforce ${isEnforcing(to) ? '1' : '0'}`,
        textOf(from) === textOf(to) ? undefined : replaceKey(CONFIG, 'SELINUX', to.value.file),
        convergeKernels(kernelsOf(from), kernelsOf(to)),
      );
    },
    notice: (observed) => (observed.kind === 'absent' ? undefined : pending(observed.value, mode)),
    undo: {
      aim(found, { before }) {
        if (found.kind === 'absent' || before.kind === 'absent') return before;
        const kernels = asBefore(kernelsOf(found), kernelsOf(before));
        return value({ ...before.value, ...(kernels.length > 0 && { kernels }) });
      },
    },
  };
}

function kernelsOf({ value: { kernels = [] } }: Target<SelinuxState> & { kind: 'value' }) {
  return kernels;
}

/** Permissive and disabled are alike while the system runs: one can't be made of the other without a reboot. */
function isEnforcing({ value: { runtime } }: Target<SelinuxState> & { kind: 'value' }): boolean {
  return runtime === 'Enforcing';
}

function textOf({ value: { file } }: Target<SelinuxState> & { kind: 'value' }): string {
  return file.join('\n');
}

function describe(state: Target<SelinuxState>): Fields {
  if (state.kind === 'absent') return {};
  return {
    runtime: isEnforcing(state) ? 'enforcing' : 'not enforcing',
    [CONFIG]: textOf(state),
    ...describeKernels(kernelsOf(state)),
  };
}

function pending(
  { runtime, bootParameters, kernels = [] }: SelinuxState,
  mode: string,
): string | undefined {
  // Where the arguments of all kernels are lvslab's to say, those of this boot count no more.
  if (
    kernels.length === 0 &&
    (bootParameters.includes('enforcing=1') || bootParameters.includes('selinux=1'))
  ) {
    return `the kernel's command line says ${bootParameters.join(' ')}, which is stronger than ${CONFIG}: SELinux will be back after a reboot`;
  }
  if (runtime.toLowerCase() === mode || runtime === 'Disabled') return undefined;
  return `reboot pending: SELinux is ${runtime.toLowerCase()} now and will be ${mode} after the next boot`;
}
