import { type LabUnderTest, requestVip } from './lab-under-test.ts';
import { countRequests, describeStrange, readAnswers } from './readings/answers.ts';
import { type Check, describeRequests } from './report.ts';

/**
 * Makes one request that fills several packets, where what small ones prove does not hold for large ones; no check where
 * the mode passes packets as they are. It is a long header: nginx reads it whole before it answers, and of a body nothing.
 */
export async function proveLargeRequest(test: LabUnderTest): Promise<readonly Check[]> {
  const { lab, service } = test;
  const { largeOtherwise } = lab.mode.traffic;
  if (largeOtherwise === undefined || service.protocol === 'udp') return [];
  const batch = await requestVip(test, {
    count: 1,
    marker: test.nonce(),
    task: 'make a large request',
    isLarge: true,
  });
  const answers = readAnswers(batch, lab.realServers);
  const counts = countRequests(1, answers);
  const isAnswered = counts.answered === 1;
  return [
    {
      name: 'a request of many packets is answered',
      verdict: isAnswered ? 'ok' : 'failed',
      expected: '1 answered',
      actual: describeRequests(counts),
      explanation: isAnswered ? '' : describeStrange(answers) || largeOtherwise,
    },
  ];
}
