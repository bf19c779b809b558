import { z } from 'zod';

import { labVariables } from '../../inventory/variables/lab-variables.ts';
import { type Answers, textOf } from '../answers/answers.ts';
import { type Question } from './question.ts';

/** The modes, with what each needs and costs. */
export const modeChoices = [
  {
    value: 'nat',
    label: 'nat   through the director both ways',
    description:
      'LVS-NAT, as in the tutorial: the director becomes the gateway of the real servers, and all their replies pass it. Ports can be mapped.',
  },
  {
    value: 'dr',
    label: 'dr    replies go past the director',
    description:
      'LVS-DR: each real server has the VIP, too, and keeps it to itself. They need one segment with the director and another gateway; ports stay as they are.',
  },
  {
    value: 'tun',
    label: 'tun   in a tunnel to each real server, replies go past the director',
    description:
      'LVS-TUN: as LVS-DR, but the director packs each packet into one for the real server, which may be in another network. They need ipip in their kernel, and ICMP on the way for large requests.',
  },
];

/** Where the director must not be the gateway, another one may be named. */
export function gatewayQuestion(answers: Answers): Question {
  return {
    name: 'gateway',
    kind: 'input',
    message: 'Default gateway of the real servers, a router (or nothing: the one they have)',
    schema: z.union([z.literal(''), labVariables.lvs_gateway.schema]),
    expected: 'an IPv4 address, or nothing',
    default: '',
    rule: (value) =>
      value === textOf(answers, 'director.dip')
        ? 'this is the director, which drops what real servers answer through it in LVS-DR and LVS-TUN'
        : undefined,
  };
}
