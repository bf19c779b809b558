import { Secret } from '../../engine/model/secret.ts';

/** What was answered to one question. */
export type Answer = string | number | boolean | Secret;

/** Answers by the name of their question: 'director.address', 'real_servers.2.weight'. */
export type Answers = ReadonlyMap<string, Answer>;

/** The beginning of the names of all questions about one host. */
export type HostKey = 'director' | `real_servers.${number}` | 'client';

/** The answer that is a text, if there is one. */
export function textOf(answers: Answers, name: string): string | undefined {
  const answer = answers.get(name);
  return typeof answer === 'string' && answer !== '' ? answer : undefined;
}

/** The answer that is a password, if there is one. */
export function secretOf(answers: Answers, name: string): Secret | undefined {
  const answer = answers.get(name);
  return answer instanceof Secret && answer.reveal() !== '' ? answer : undefined;
}

/** The answer that is a number, if there is one. */
function numberOf(answers: Answers, name: string): number | undefined {
  const answer = answers.get(name);
  return typeof answer === 'number' ? answer : undefined;
}

/** The keys of the real servers, as many as were asked for. */
export function realServerKeys(answers: Answers): readonly HostKey[] {
  const count = numberOf(answers, 'real_servers.count') ?? 0;
  return Array.from({ length: count }, (_, i): HostKey => `real_servers.${i + 1}`);
}

/** The name that a host has in the inventory: the one it was given, or its usual one. */
export function hostName(answers: Answers, key: HostKey): string {
  return textOf(answers, `${key}.name`) ?? usualName(answers, key);
}

/** What a host is called when nobody gives it a name. None is the name of a group: Ansible warns of that. */
export function usualName(answers: Answers, key: HostKey): string {
  if (key === 'director') return 'lvs-director';
  if (key === 'client')
    return answers.get('client.kind') === 'controller' ? 'controller' : 'client';
  return key.replace('real_servers.', 'rs');
}

/** All hosts that the answers speak of. */
export function hostKeys(answers: Answers): readonly HostKey[] {
  const client = ['host', 'controller'].includes(textOf(answers, 'client.kind') ?? 'none');
  return ['director', ...realServerKeys(answers), ...(client ? (['client'] as const) : [])];
}
