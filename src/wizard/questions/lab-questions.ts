import { z } from 'zod';

import { labDefaults, labVariables } from '../../inventory/variables/lab-variables.ts';
import { yesOrNo } from '../../inventory/variables/value-schemas.ts';
import { type Answers, type HostKey, realServerKeys, textOf } from '../answers/answers.ts';
import { addressesFound, inNetworkOfNic } from '../inventory/found-networks.ts';
import { addressQuestion, nameQuestion, nicQuestion, reachedAt } from './host-questions.ts';
import { labQuestion } from './lab-question.ts';
import { gatewayQuestion, modeChoices } from './mode-question.ts';
import { type Question, type QuestionContext } from './question.ts';

const MOST_REAL_SERVERS = 50;

/** The director: how it is reached, its two NICs and their addresses. */
export function directorQuestions(answers: Answers, context: QuestionContext): readonly Question[] {
  const key = 'director';
  const dipDevice = textOf(answers, 'director.dip_interface');
  const [dip] = addressesFound(context, key, dipDevice);
  const [vip] = addressesFound(context, key, textOf(answers, 'director.vip_interface'));
  const nics = { key, answers, context } as const;
  const inNetworkOf = (nic: string): Pick<Question, 'rule'> => ({
    rule: inNetworkOfNic(answers, context, key, nic),
  });
  return [
    nameQuestion(answers, key),
    addressQuestion(key, 'the director'),
    nicQuestion({
      ...nics,
      name: 'director.dip_interface',
      message: "The director's NIC towards the real servers",
    }),
    {
      ...labQuestion('director.dip', 'lvs_dip', 'Its address there, the DIP', dip?.address.text),
      ...inNetworkOf('director.dip_interface'),
    },
    labQuestion('prefix', 'lvs_prefix', 'Prefix length', dip?.length ?? labDefaults.lvs_prefix),
    nicQuestion({
      ...nics,
      name: 'director.vip_interface',
      message: "The director's NIC towards the clients",
      taken: dipDevice,
    }),
    {
      ...labQuestion('vip', 'lvs_vip', 'The address that clients ask, the VIP', vip?.address.text),
      ...inNetworkOf('director.vip_interface'),
    },
    labQuestion('port', 'lvs_port', 'Port of the service', labDefaults.lvs_port),
  ];
}

/** The real servers: how many, how they are reached, and each one's NIC, address and weight. */
export function realServerQuestions(
  answers: Answers,
  context: QuestionContext,
): readonly Question[] {
  const spokenOf = Math.max(0, ...[...context.given].map(serverNumber));
  return [
    {
      name: 'real_servers.count',
      kind: 'input',
      message: 'How many real servers',
      schema: z.preprocess(
        (value) => (typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : value),
        z.int().min(1).max(MOST_REAL_SERVERS),
      ),
      expected: `a whole number from 1 to ${MOST_REAL_SERVERS}`,
      default: spokenOf === 0 ? 2 : spokenOf,
      ...(spokenOf > 0 && { quiet: true }),
    },
    {
      name: 'login.through_director',
      kind: 'confirm',
      message: 'Must they be logged in to through the director?',
      schema: yesOrNo,
      expected: 'yes or no',
      default: false,
    },
    ...realServerKeys(answers).flatMap((key, i) => oneRealServer(key, i + 1, answers, context)),
    {
      name: 'dns',
      kind: 'input',
      message: 'Name servers of the real servers (IPv4 addresses with commas between, or none)',
      schema: dnsList,
      expected: 'at most 3 IPv4 addresses with commas between them, or nothing',
      default: '',
      quiet: true,
    },
  ];
}

function serverNumber(name: string): number {
  const number = Number(/^real_servers\.(\d{1,2})\./.exec(name)?.[1] ?? 0);
  return Math.min(number, MOST_REAL_SERVERS);
}

function oneRealServer(
  key: HostKey,
  number: number,
  answers: Answers,
  context: QuestionContext,
): readonly Question[] {
  const [found] = addressesFound(context, key, textOf(answers, `${key}.interface`));
  const ripQuestion: Question = {
    ...labQuestion(
      `${key}.rip`,
      'lvs_rip',
      "Its address in the director's network",
      reachedAt(answers, key) ?? found?.address.text,
    ),
    rule: inNetworkOfNic(answers, context, key, `${key}.interface`),
    quiet: true,
  };
  return [
    nameQuestion(answers, key),
    addressQuestion(key, `real server ${number}`),
    nicQuestion({
      name: `${key}.interface`,
      key,
      message: "Its NIC in the director's network",
      answers,
      context,
    }),
    // Most often it is the address that the server is reached at: to be asked for when that is known.
    ...(answers.has(`${key}.address`) || context.given.has(`${key}.rip`) ? [ripQuestion] : []),
    labQuestion(`${key}.weight`, 'lvs_weight', 'Its weight', labDefaults.lvs_weight),
    ...takeoverQuestions(key, answers, context),
  ];
}

/** Asked where an nginx that somebody started by hand holds the port that the lab's own is to have. */
function takeoverQuestions(
  key: HostKey,
  answers: Answers,
  { found, given }: QuestionContext,
): readonly Question[] {
  const name = `${key}.takeover`;
  const port = answers.get('port');
  const isHeld = found.get(key)?.handStartedNginx?.some((held) => held === port) === true;
  if (!isHeld && !given.has(name)) return [];
  return [
    {
      name,
      kind: 'confirm',
      message: `An nginx that was started by hand holds port ${String(port)} there. Stop it for the lab's own?`,
      schema: yesOrNo,
      expected: 'yes or no',
      default: false,
      note: 'A teardown starts it again as it was. Otherwise stop it yourself before `lvslab apply`.',
    },
  ];
}

/** How the director chooses, and what the real servers run. */
export function serviceQuestions(
  answers: Answers,
  { schedulers, found }: QuestionContext,
): readonly Question[] {
  const kernel = found.get('director')?.kernel;
  const offered = schedulers.filter(
    ({ kernels }) => kernel === undefined || kernels.includes(kernel),
  );
  const version = answers.get('nginx.version') ?? labDefaults.nginx_version;
  return [
    {
      ...labQuestion(
        'scheduler',
        'lvs_scheduler',
        'How the director chooses a real server',
        labDefaults.lvs_scheduler,
      ),
      kind: 'select',
      about: 'director',
      choices: offered.map(({ name, description }) => ({
        value: name,
        label: `${name.padEnd(6)}${description.split(':', 1)[0] ?? ''}`,
        description,
      })),
    },
    {
      ...labQuestion('mode', 'lvs_mode', 'How it hands packets on', labDefaults.lvs_mode),
      schema: z.enum(modeChoices.map(({ value }) => value)),
      expected: modeChoices.map(({ value }) => value).join(' or '),
      kind: 'select',
      choices: modeChoices,
    },
    ...(['dr', 'tun'].includes(textOf(answers, 'mode') ?? '') ? [gatewayQuestion(answers)] : []),
    labQuestion(
      'nginx.version',
      'nginx_version',
      'nginx release to build',
      labDefaults.nginx_version,
    ),
    ...(version === labDefaults.nginx_version
      ? []
      : [labQuestion('nginx.sha256', 'nginx_sha256', 'SHA-256 of its tarball')]),
    ...(answers.get('real_servers.count') === 1 ? [] : [buildQuestion()]),
  ];
}

function buildQuestion(): Question {
  const message = 'How often nginx is compiled';
  return {
    ...labQuestion('nginx.build', 'nginx_build', message, labDefaults.nginx_build),
    kind: 'select',
    choices: [
      { label: 'once: real servers that are alike are given the same build', value: 'once' },
      { label: 'each: every real server compiles its own', value: 'each' },
    ],
  };
}

const dnsList = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))
  .refine((words) => labVariables.lvs_dns.schema.safeParse(words).success)
  .transform((words) => words.join(', '));
