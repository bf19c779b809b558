import { unusableReason } from '../../lab/checks/unusable-reason.ts';
import { InterfaceAddress } from '../../net/interface-address.ts';
import { IpAddress } from '../../net/ip-address.ts';
import { type Answer, type Answers, type HostKey, hostName, textOf } from '../answers/answers.ts';
import { type Question, type QuestionContext } from '../questions/question.ts';

/** The addresses of a NIC that was found, those aside that a host gives itself where nobody does. */
export function addressesFound(
  { found }: QuestionContext,
  key: HostKey,
  device: string | undefined,
): readonly InterfaceAddress[] {
  const nic = found.get(key)?.nics.find((other) => other.device === device);
  return (
    nic?.addresses.flatMap((text) => InterfaceAddress.parse(text) ?? []).filter(isLasting) ?? []
  );
}

/** The rule that an address lies in a network of the NIC it is meant for, where that has one. */
export function inNetworkOfNic(
  answers: Answers,
  context: QuestionContext,
  key: HostKey,
  nicAnswer: string,
): NonNullable<Question['rule']> {
  const device = textOf(answers, nicAnswer);
  const found = addressesFound(context, key, device);
  return (value: Answer) => {
    if (found.length === 0 || typeof value !== 'string') return undefined;
    const own = found.map((nic) => neighbourOf(nic, value)).find((nic) => nic !== undefined);
    if (own === undefined) {
      const there = found.map(({ network }) => network.text).join(', ');
      return `${value} is not in the network of ${device ?? ''} on ${hostName(answers, key)}, which is ${there}`;
    }
    const reason = unusableReason(own);
    return reason === undefined ? undefined : `${value} ${reason}`;
  };
}

/** The address in the text, as one of the same network as another; undefined where it is no address or not in there. */
export function neighbourOf(nic: InterfaceAddress, text: string): InterfaceAddress | undefined {
  const address = IpAddress.parse(text);
  return address !== undefined && nic.network.contains(address)
    ? InterfaceAddress.of(address, nic.length)
    : undefined;
}

function isLasting({ address, length }: InterfaceAddress): boolean {
  return address.family === 'ipv4' && address.use !== 'link-local' && length >= 1 && length <= 30;
}
