import { z } from 'zod';

import { Secret } from '../../engine/model/secret.ts';
import { connectionVariables } from '../../inventory/variables/connection-variables.ts';
import { passwordText } from '../../inventory/variables/value-schemas.ts';
import { type Answers } from '../answers/answers.ts';
import { type Question, type QuestionContext } from './question.ts';

const typedPassword = passwordText.transform((text) => new Secret(text));

const METHODS = ['keys', 'key_file', 'password'] as const;

/** How the hosts are logged in to: asked once, for all of them. */
export function loginQuestions(
  answers: Answers,
  { logsIn, given, cloudUsers }: QuestionContext,
): readonly Question[] {
  const method = answers.get('login.method');
  const needsSudo = answers.has('login.user') && answers.get('login.user') !== 'root';
  return [
    { ...user, ...noteOn(cloudUsers) },
    { ...loginMethod, default: given.has('login.key_file') ? 'key_file' : 'keys' },
    ...(method === 'key_file' ? [keyFile] : []),
    ...(method === 'password' && logsIn ? [password] : []),
    ...(needsSudo && logsIn ? [sudoPassword] : []),
  ];
}

const user: Question = {
  name: 'login.user',
  kind: 'input',
  message: 'User to log in to the hosts as',
  schema: connectionVariables.ansible_user.schema,
  expected: connectionVariables.ansible_user.expected,
  default: 'root',
};

/** Root is who hosts that somebody installed are logged in to as; images of clouds tell root only to be somebody else. */
function noteOn(cloudUsers: QuestionContext['cloudUsers']): Pick<Question, 'note'> {
  if (cloudUsers.length === 0) return {};
  const users = cloudUsers.map(({ system, user: name }) => `${name} (${system})`).join(', ');
  return { note: `Images of clouds have a user of their own, who may use sudo: ${users}.` };
}

const loginMethod: Question = {
  name: 'login.method',
  kind: 'select',
  message: 'How to log in',
  schema: z.enum(METHODS),
  expected: METHODS.join(', '),
  choices: [
    { value: 'keys', label: 'as ssh does: agent, ~/.ssh/config, usual keys' },
    { value: 'key_file', label: 'a key file' },
    { value: 'password', label: 'a password (it is not written down)' },
  ],
};

const keyFile: Question = {
  name: 'login.key_file',
  kind: 'input',
  message: 'Private key file',
  schema: connectionVariables.ansible_ssh_private_key_file.schema,
  expected: connectionVariables.ansible_ssh_private_key_file.expected,
  default: '~/.ssh/id_ed25519',
};

const password: Question = {
  name: 'login.password',
  kind: 'password',
  message: 'Password',
  schema: typedPassword,
  expected: connectionVariables.ansible_password.expected,
};

const sudoPassword: Question = {
  name: 'login.sudo_password',
  kind: 'password',
  message: 'Password for sudo (empty where it asks for none)',
  schema: typedPassword,
  expected: connectionVariables.ansible_become_password.expected,
};
