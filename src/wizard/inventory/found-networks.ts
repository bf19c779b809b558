import ipaddr from 'ipaddr.js';

import { networkOf, unusableReason } from '../../lab/networks.ts';
import { type Answer, type Answers, type HostKey, hostName, textOf } from '../answers/answers.ts';
import { type FoundNic, type Question, type Surroundings } from '../questions/question.ts';

/** An address of a NIC that was found, with its prefix length. */
export interface FoundAddress {
  readonly address: string;
  readonly prefix: number;
}

/** The addresses of a NIC that was found, those aside that a host gives itself where nobody does. */
export function addressesFound(
  { found }: Surroundings,
  key: HostKey,
  device: string | undefined,
): readonly FoundAddress[] {
  const nic = found.get(key)?.nics.find((other) => other.device === device);
  return nic?.addresses.map(parseAddress).filter(isLasting) ?? [];
}

/** The rule that an address lies in a network of the NIC it is meant for, where that has one. */
export function inNetworkOfNic(
  answers: Answers,
  around: Surroundings,
  key: HostKey,
  nicAnswer: string,
): NonNullable<Question['rule']> {
  const device = textOf(answers, nicAnswer);
  const networks = addressesFound(around, key, device);
  return (value: Answer) => {
    if (networks.length === 0 || typeof value !== 'string') return undefined;
    const own = networks.find(({ address, prefix }) => areNeighbours(address, value, prefix));
    if (own === undefined) {
      const there = networks.map(({ address, prefix }) => networkOf(address, prefix)).join(', ');
      return `${value} is not in the network of ${device ?? ''} on ${hostName(answers, key)}, which is ${there}`;
    }
    const reason = unusableReason(value, own.prefix);
    return reason === undefined ? undefined : `${value} ${reason}`;
  };
}

/** Whether two IPv4 addresses are in one network. */
export function areNeighbours(one: string, other: string, prefix: number): boolean {
  const areAddresses = [one, other].every((text) => ipaddr.IPv4.isValidFourPartDecimal(text));
  return areAddresses && networkOf(one, prefix) === networkOf(other, prefix);
}

function parseAddress(text: FoundNic['addresses'][number]): FoundAddress {
  const [address = '', prefix] = text.split('/');
  return { address, prefix: Number(prefix) };
}

function isLasting({ address, prefix }: FoundAddress): boolean {
  return (
    ipaddr.IPv4.isValidFourPartDecimal(address) &&
    ipaddr.IPv4.parse(address).range() !== 'linkLocal' &&
    prefix >= 1 &&
    prefix <= 30
  );
}
