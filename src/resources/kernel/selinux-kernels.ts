import { z } from 'zod';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { filledLines, section } from '../../platforms/sections.ts';
import { type Fields } from '../field-changes.ts';
import { line } from '../schemas.ts';

/** A kernel that the boot loader offers, and what of its arguments is about whether SELinux is there at all. */
export interface BootableKernel {
  /** As the boot loader's own tool names it: '/boot/vmlinuz-5.14.0-362.8.1.el9_3.x86_64'. */
  readonly kernel: string;
  /** 'selinux=0', 'selinux=1'; none as a rule. */
  readonly words: readonly string[];
}

const OFF = 'selinux=0';
/** A host keeps a few kernels; what tells of more is no boot loader. */
const MOST_KERNELS = 100;

export const bootableKernels = z
  .array(z.object({ kernel: line, words: z.array(z.string().regex(/^selinux=[01]$/)) }))
  .max(MOST_KERNELS);

/** Prints the section 'kernels': each kernel with its words, parted by blanks; nothing where there is no boot loader. */
export const observeKernels: Script = section(
  'kernels',
  sh`
    if command -v grubby >/dev/null; then
      grubby --info=ALL 2>/dev/null | awk '
        function value() { sub(/^[a-z]*="?/, ""); sub(/"$/, ""); return $0 }
        /^kernel=/ { kernel = value() }
        /^args=/ {
          count = split(value(), words, " ")
          found = kernel
          for (i = 1; i <= count; i++) if (words[i] ~ /^selinux=[01]$/) found = found " " words[i]
          print found
        }
      ' || :
    fi
  `,
);

/** Reads that section; undefined when no boot loader would say that. */
export function parseKernels(text: string | undefined): readonly BootableKernel[] | undefined {
  const kernels = filledLines(text).map((shown) => {
    const [kernel = '', ...words] = shown.trim().split(' ');
    return { kernel, words };
  });
  return bootableKernels.safeParse(kernels).data;
}

/** The same kernels, none of which has SELinux. */
export function withoutSelinux(kernels: readonly BootableKernel[]): readonly BootableKernel[] {
  return kernels.map(({ kernel }) => ({ kernel, words: [OFF] }));
}

/** The kernels that are there, as those of before were started; what came since has it as they all had. */
export function asBefore(
  there: readonly BootableKernel[],
  before: readonly BootableKernel[],
): readonly BootableKernel[] {
  const [common = []] = before.map(({ words }) => words);
  const isCommon = before.every(({ words }) => words.join(' ') === common.join(' '));
  return there.map(({ kernel, words }) => {
    const past = before.find((known) => known.kernel === kernel);
    return { kernel, words: past?.words ?? (isCommon ? common : words) };
  });
}

export function describeKernels(kernels: readonly BootableKernel[]): Fields {
  return Object.fromEntries(
    kernels.map(({ kernel, words }) => [`arguments of ${kernel}`, words.join(' ')]),
  );
}

/** Shell that has the boot loader start these kernels with these words. */
export function convergeKernels(
  from: readonly BootableKernel[],
  to: readonly BootableKernel[],
): Script {
  const changed = to.filter(({ kernel, words }) => {
    const found = from.find((known) => known.kernel === kernel);
    return found?.words.join(' ') !== words.join(' ');
  });
  const [first] = changed;
  if (first === undefined) return lines();
  // All at once also settles what kernels that are installed later start with.
  const isAlike = to.every(({ words }) => words.join(' ') === first.words.join(' '));
  const named = isAlike ? [{ kernel: 'ALL', words: first.words }] : changed;
  return lines(...named.map(updateKernel));
}

function updateKernel({ kernel, words }: BootableKernel): Script {
  const update = sh`grubby ${`--update-kernel=${kernel}`}`;
  return lines(
    ...['selinux=0', 'selinux=1']
      .filter((word) => !words.includes(word))
      .map((word) => sh`${update} ${`--remove-args=${word}`}`),
    ...words.map((word) => sh`${update} ${`--args=${word}`}`),
  );
}
