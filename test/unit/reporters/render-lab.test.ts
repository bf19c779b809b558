import { expect, test } from '@jest/globals';
import { type Lab } from '../../../src/lab/lab.ts';
import { renderLab } from '../../../src/reporters/render/render-lab.ts';
import { expectGolden } from '../../support/golden.ts';
import { sampleLab } from '../../support/samples/sample-lab.ts';

test('the documented lab', () => {
  expectGolden('reporters/lab.txt', renderLab(sampleLab, { unicode: true }));
});

test('in ASCII', () => {
  const text = renderLab(sampleLab, { unicode: false });
  expect(text).toMatch(/^[\n -~]+$/);
  expectGolden('reporters/lab-ascii.txt', text);
});

test('with two directors and two services', () => {
  const [director] = sampleLab.directors;
  const [service] = sampleLab.services;
  const lab = {
    ...sampleLab,
    directors: [director, { ...director, name: 'standby' }].flatMap((one) => one ?? []),
    services: [service, { ...service, port: 443, scheduler: 'rr' }].flatMap((one) => one ?? []),
  } as Lab;
  expectGolden('reporters/lab-two.txt', renderLab(lab, { unicode: true }));
});

test('without a client, with one real server', () => {
  const lab = { ...sampleLab, clients: [], realServers: sampleLab.realServers.slice(0, 1) };
  expectGolden('reporters/lab-small.txt', renderLab(lab, { unicode: true }));
});
