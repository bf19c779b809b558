import { cloudUsers } from '../../platforms/releases/systems.ts';
import { networkInterfaces } from 'node:os';
import { UsageError } from '../../engine/model/failures/errors.ts';
import { InventoryError } from '../../inventory/inventory-error.ts';
import { schedulers } from '../../ipvs/distribution/schedulers.ts';
import { completeAnswers, type Completion } from '../../wizard/answers/complete-answers.ts';
import { type QuestionContext } from '../../wizard/questions/question.ts';
import {
  type GivenAnswers,
  readAnswerOptions,
  readAnswersFile,
} from '../../wizard/answers/read-answers.ts';
import { readyAnswers } from '../../wizard/answers/ready-answers.ts';

/** Where answers can come from beforehand. */
export interface AnswerFlags {
  readonly answer: readonly string[];
  readonly answers?: string;
  readonly from?: keyof typeof readyAnswers;
}

/**
 * What the answers that are given beforehand come to: options win over the file of answers, and both over ready answers.
 * @throws UsageError when the file is none of answers
 */
export async function answersGiven(flags: AnswerFlags): Promise<Completion> {
  return completeAnswers(await givenAnswers(flags), questionContext());
}

/** What the questions depend on beside answers and hosts. */
export function questionContext(): Pick<
  QuestionContext,
  'schedulers' | 'ownAddresses' | 'cloudUsers'
> {
  const ownAddresses = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ family, internal, address }) =>
      family === 'IPv4' && !internal ? [address] : [],
    ),
  );
  return { schedulers, ownAddresses, cloudUsers: cloudUsers() };
}

async function givenAnswers({ answer, answers, from }: AnswerFlags): Promise<GivenAnswers> {
  return new Map([
    ...(from === undefined ? [] : readyAnswers[from]),
    ...(answers === undefined ? [] : await answersIn(answers)),
    ...readAnswerOptions(answer),
  ]);
}

/** The error for answers that can't be used, with one line for each reason. */
export function unusable(problems: readonly string[]): UsageError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new UsageError([`${count} with the answers`, ...problems].join('\n'), {
    hint: 'Give answers with --answer NAME=VALUE or --answers FILE; docs/getting-started.md lists them all. At a terminal, what is missing is asked for.',
  });
}

async function answersIn(file: string): Promise<GivenAnswers> {
  try {
    return await readAnswersFile(file);
  } catch (error) {
    // Its reader is that of inventories, which this is not.
    if (!(error instanceof InventoryError)) throw error;
    throw unusable(
      error.problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`),
    );
  }
}
