import { z } from 'zod';

import { unusableReason } from '../../lab/checks/unusable-reason.ts';
import { InterfaceAddress } from '../../net/interface-address.ts';
import { type Answers, textOf } from '../answers/answers.ts';
import { neighbourOf } from '../inventory/found-networks.ts';
import { addressQuestion, nameQuestion, reachedAt } from './host-questions.ts';
import { labQuestion } from './lab-question.ts';
import { type Question, type QuestionContext } from './question.ts';

const CLIENT_KINDS = ['host', 'controller', 'none'] as const;

/** Who sends the test traffic. */
export function clientQuestions(answers: Answers, context: QuestionContext): readonly Question[] {
  const kind = answers.get('client.kind');
  return [
    {
      name: 'client.kind',
      kind: 'select',
      message: 'Who sends the test traffic',
      schema: z.enum(CLIENT_KINDS),
      expected: CLIENT_KINDS.join(', '),
      default: 'host',
      choices: [
        { value: 'host', label: 'a host of its own' },
        { value: 'controller', label: 'this machine, with its address in the inventory' },
        { value: 'none', label: 'none in the inventory: verify uses this machine then' },
      ],
    },
    ...(kind === 'host' ? clientHostQuestions(answers, context) : []),
    ...(kind === 'controller' ? controllerQuestions(answers, context) : []),
  ];
}

function clientHostQuestions(answers: Answers, { given }: QuestionContext): readonly Question[] {
  const isTimely = answers.has('client.address') || given.has('client.cip');
  return [
    nameQuestion(answers, 'client'),
    { ...addressQuestion('client', 'the client'), instead: 'client.kind=none does without one' },
    ...(isTimely
      ? [{ ...cipQuestion(answers, reachedAt(answers, 'client')), quiet: true as const }]
      : []),
  ];
}

function controllerQuestions(
  answers: Answers,
  { ownAddresses }: QuestionContext,
): readonly Question[] {
  const vip = vipOf(answers);
  return [
    nameQuestion(answers, 'client'),
    cipQuestion(
      answers,
      vip && ownAddresses.find((address) => neighbourOf(vip, address) !== undefined),
    ),
  ];
}

function cipQuestion(answers: Answers, fallback: string | undefined): Question {
  const vip = vipOf(answers);
  return {
    ...labQuestion('client.cip', 'lvs_cip', 'Its address in the network of the VIP', fallback),
    rule: (value) => {
      if (vip === undefined || typeof value !== 'string') return undefined;
      const cip = neighbourOf(vip, value);
      if (cip === undefined)
        return `${value} is not in the network ${vip.network.text} of the VIP ${vip.address.text}`;
      const reason = unusableReason(cip);
      return reason === undefined ? undefined : `${value} ${reason}`;
    },
  };
}

/** The VIP with its prefix length, once both are known. */
function vipOf(answers: Answers): InterfaceAddress | undefined {
  return InterfaceAddress.parse(`${textOf(answers, 'vip') ?? ''}/${String(answers.get('prefix'))}`);
}
