import { type Tell } from '../measure/interleaved.ts';
import { type Measurement } from '../measure/result.ts';
import { BenchLab } from './bench-lab.ts';
import { Course } from './contestants.ts';
import { keepFiles, prepareHosts } from './prepare.ts';
import { measureGreen, measurePage, measureProofs, measureWeight } from './quick-tasks.ts';
import { measureFirst } from './slow-tasks.ts';

export const twoTasks = ['green', 'page', 'weight', 'proofs', 'first'] as const;
export type TwoTask = (typeof twoTasks)[number];

/** The embedded lab, whose two real servers lvslab and others take where they shall be. */
export async function measureTwo({
  name,
  repeats,
  slowRepeats,
  tasks,
  keep,
  tell,
}: {
  readonly name: string;
  readonly repeats: number;
  /** Of what compiles. */
  readonly slowRepeats: number;
  readonly tasks: readonly TwoTask[];
  /** Whether the lab stays up. */
  readonly keep: boolean;
  readonly tell: Tell;
}): Promise<readonly Measurement[]> {
  tell(`bringing up the embedded lab ${name}`);
  const lab = await BenchLab.up(name);
  try {
    const missing = await prepareHosts(lab, tell);
    const course = new Course(lab, tell);
    tell('provisioning it');
    const inventory = await lab.inventory(0);
    const whole = tasks.some((task) => !['green', 'page'].includes(task));
    // The director is slow where it is emulated; the real servers do without it.
    if (whole) await course.wholeLab(['apply', '--yes'], inventory);
    else await course.lvslab(['apply', '--yes'], inventory);
    await keepFiles(lab);
    const measure: Readonly<Record<TwoTask, () => Promise<readonly Measurement[]>>> = {
      green: () => measureGreen(course, { repeats, missing }),
      page: () => measurePage(course, { repeats, missing }),
      weight: () => measureWeight(course, { repeats, missing }),
      proofs: () => measureProofs(course, { repeats }),
      first: () => measureFirst(course, { repeats: slowRepeats, missing }),
    };
    const measured: Measurement[] = [];
    for (const task of tasks) measured.push(...(await measure[task]()));
    return measured;
  } finally {
    await lab.down({ keep });
  }
}
