import { describe, expect, test } from '@jest/globals';

import { Secret } from '../../../src/engine/model/secret.ts';
import { type Answer, type HostKey } from '../../../src/wizard/answers/answers.ts';
import {
  describeDraft,
  draftOf,
  parseDraft,
  walkFrom,
} from '../../../src/wizard/inventory/draft.ts';
import { Interview, type ProbeOutcome } from '../../../src/wizard/questions/interview.ts';
import {
  BACK,
  type FoundHost,
  type ProblemOf,
  type Prompt,
  type Question,
} from '../../../src/wizard/questions/question.ts';
import { answered, nextOn, type Walk, walkWith, wentBack } from '../../../src/wizard/walk.ts';
import { type Given, questionContext } from './given-answers.ts';

type Found = Partial<Record<HostKey, FoundHost>>;

/** A director with two NICs, each in a network. */
const twoNics: FoundHost = {
  system: 'Debian',
  nics: [
    { device: 'ens33', addresses: ['192.168.2.130/24'] },
    { device: 'ens37', addresses: ['10.9.0.1/16'] },
  ],
  warnings: [],
};

/** The next question, and the way to it. */
function standing(
  from: Walk,
  found: Found = {},
): { readonly walk: Walk; readonly question: Question } {
  const known = new Map(Object.entries(found)) as ReadonlyMap<HostKey, FoundHost>;
  let walk = from;
  for (;;) {
    const context = { ...questionContext(), given: new Set(walk.given.keys()), found: known };
    const next = nextOn(walk, { ...context, logsIn: false });
    if (next.kind === 'ask') return { walk, question: next.question };
    if (next.kind === 'end') throw new Error('nothing is asked any more');
    walk = next.walk;
  }
}

/** The walk after answers to the next questions, which must be these. */
function say(from: Walk, said: readonly (readonly [string, Answer])[], found: Found = {}): Walk {
  return said.reduce((before, [name, value]) => {
    const { walk, question } = standing(before, found);
    expect(question.name).toBe(name);
    return answered(walk, question, value);
  }, from);
}

function back(walk: Walk, times = 1): Walk {
  const earlier = wentBack(walk);
  if (earlier === undefined) throw new Error('there is no way back');
  return times === 1 ? earlier : back(earlier, times - 1);
}

const login = [
  ['login.user', 'root'],
  ['login.method', 'keys'],
  ['director.address', '192.168.2.130'],
] as const;

describe('the question before', () => {
  test('is asked again, and so is what was answered after it, with the answers as defaults', () => {
    const walk = say(walkWith({}), [...login, ['director.dip_interface', 'eth1']]);
    const { walk: at, question } = standing(back(walk, 2));
    expect(question).toMatchObject({ name: 'director.address', default: '192.168.2.130' });
    const on = say(at, [['director.address', '10.0.0.1']]);
    expect(standing(on).question).toMatchObject({
      name: 'director.dip_interface',
      default: 'eth1',
    });
  });

  test('there is none before the first one; what was given beforehand is none', () => {
    expect(wentBack(walkWith({}))).toBeUndefined();
    const given = new Map<string, Answer>([
      ['login.user', 'root'],
      ['login.method', 'keys'],
    ]);
    const walk = say(walkWith({ given }), [['director.address', 'gate']]);
    expect(wentBack(back(walk))).toBeUndefined();
  });

  test('of another NIC, what had merely been found for the first one is not offered', () => {
    const found = { director: twoNics };
    const one = say(
      walkWith({}),
      [
        ...login,
        ['director.dip_interface', 'ens33'],
        ['director.dip', '192.168.2.130'],
        ['prefix', 24],
      ],
      found,
    );
    const other = say(back(one, 3), [['director.dip_interface', 'ens37']], found);
    expect(standing(other, found).question).toMatchObject({ default: '10.9.0.1' });
    const addressed = say(other, [['director.dip', '10.9.0.1']], found);
    expect(standing(addressed, found).question).toMatchObject({ name: 'prefix', default: 16 });
  });

  test('keeps an answer of somebody’s own as the default only as long as it can be one', () => {
    const found = { director: twoNics };
    const own = say(
      walkWith({}),
      [...login, ['director.dip_interface', 'ens33'], ['director.dip', '192.168.2.7']],
      found,
    );
    expect(standing(back(own), found).question.default).toBe('192.168.2.7');
    const other = say(back(own, 2), [['director.dip_interface', 'ens37']], found);
    expect(standing(other, found).question.default).toBe('10.9.0.1');
  });

  test('a password is asked for again, and offered nowhere', () => {
    const walk = say(walkWith({}), [
      ['login.user', 'root'],
      ['login.method', 'password'],
    ]);
    const question: Question = { ...standing(walkWith({})).question, name: 'login.password' };
    const typed = answered(walk, question, new Secret('hunter2'));
    expect([...back(typed).offers.keys()]).toEqual([]);
    expect(JSON.stringify(draftOf(typed, 0))).not.toContain('hunter2');
  });
});

describe('a draft', () => {
  const walk = back(say(walkWith({}), [...login, ['director.dip_interface', 'eth1']]));

  test('goes on where it was left, with what was taken back as the default', () => {
    const draft = parseDraft(JSON.stringify(draftOf(walk, 0)));
    if (draft === undefined) throw new Error('it is none');
    expect(describeDraft(draft)).toBe('4 answers, director at 192.168.2.130');
    const again = standing(walkFrom(draft, new Map()));
    expect(again.question).toMatchObject({ name: 'director.dip_interface', default: 'eth1' });
    expect(standing(back(again.walk)).question.name).toBe('director.address');
  });

  test('what is given now goes before it, and an answer that can’t be any more is asked for, with the reason', () => {
    const whole = say(walk, [
      ['director.dip_interface', 'eth1'],
      ['director.dip', '10.0.0.1'],
      ['prefix', 24],
    ]);
    const given = new Map<string, Answer>([['director.dip', '10.0.0.255']]);
    const { question } = standing(walkFrom(draftOf(whole, 0), given));
    expect(question.name).toBe('prefix');
    expect(question.note).toMatch(/10\.0\.0\.255 .* is the broadcast address/);
  });

  test.each(['', 'null', '{}', '{"version":2}', '[1', '{"version":1,"keptAt":0,"said":[]}'])(
    '%j is none',
    (text) => {
      expect(parseDraft(text)).toBeUndefined();
    },
  );
});

describe('a host that was looked at', () => {
  function interviewed(script: readonly unknown[], looks: string[]): Interview {
    const answers = [...script];
    return new Interview(walkWith({}), questionContext(), {
      ask: async ({ message, default: usual }: Prompt, problemOf: ProblemOf) => {
        const answer = answers.shift();
        if (answer === undefined) throw new Error(`asked: ${message} (${String(usual)})`);
        if (answer !== BACK) expect([message, problemOf(answer)]).toEqual([message, undefined]);
        return answer;
      },
      tell: async () => undefined,
      probe: async ({ connection }): Promise<ProbeOutcome> => {
        looks.push(`${connection.user ?? ''}@${connection.host}`);
        return { ok: true, found: twoNics };
      },
    });
  }

  test('is not looked at again by going back over it, but at another address', async () => {
    const looks: string[] = [];
    const first = ['root', 'keys', '192.168.2.130', 'ens33'];
    const there = [...first, BACK, BACK, '192.168.2.130', 'ens33'];
    await expect(interviewed(there, looks).run()).rejects.toThrow('the DIP (192.168.2.130)');
    expect(looks).toEqual(['root@192.168.2.130']);
    const elsewhere = [...there, BACK, BACK, 'gate', 'ens33'];
    await expect(interviewed(elsewhere, looks).run()).rejects.toThrow('the DIP');
    expect(looks.slice(1)).toEqual(['root@192.168.2.130', 'root@gate']);
  });
});

describe('what the lab could not work with is refused at the question that completes it', () => {
  const start: Given = {
    'login.user': 'root',
    'login.method': 'keys',
    'director.address': '192.168.2.130',
    'director.dip_interface': 'ens33',
  };

  test.each<[string, Answer, RegExp]>([
    ['director.dip', '10.0.0.1', /not in the network of ens33 on lvs-director, which is 192.168.2/],
    ['director.dip', '192.168.2.0', /is the network 192.168.2.0\/24 itself/],
    ['director.dip', '192.168.2.255', /is the broadcast address/],
    ['director.dip', '127.0.0.1', /is a loopback address/],
    ['director.vip_interface', 'ens33', /needs a NIC in each network/],
    ['director.vip_interface', 'ens99', /there is no "ens99" to choose, but ens37/],
    ['vip', '192.168.4.133', /not in the network of ens37/],
    ['vip', '192.168.2.131', /in the real servers' network/],
  ])('%s %s', (name, value, reason) => {
    const given = new Map<string, Answer>([
      ...Object.entries(start),
      ['director.dip', '192.168.2.130'],
      ['prefix', 24],
      ['director.vip_interface', 'ens37'],
      [name, value],
    ]);
    const { question } = standing(walkWith({ given }), { director: twoNics });
    expect(question.name).toBe(name);
    expect(question.note).toMatch(reason);
  });

  test('without a NIC that tells its network, a DIP waits for the prefix length', () => {
    const given = new Map<string, Answer>([...Object.entries(start), ['director.dip', '10.0.0.0']]);
    const { walk, question } = standing(walkWith({ given }));
    expect(question.name).toBe('prefix');
    const narrow = standing({ ...walk, given: new Map([...given, ['prefix', 24]]) });
    expect(narrow.question.note).toMatch(/is the network 10.0.0.0\/24 itself/);
  });

  test.each<[Answer, string]>([
    ['mh', 'scheduler'],
    ['rr', 'nginx.version'],
  ])('a scheduler of the kernel that was found: %s', (scheduler, asked) => {
    const given = new Map<string, Answer>([
      ...Object.entries(start),
      ['director.dip', '192.168.2.130'],
      ['prefix', 24],
      ['director.vip_interface', 'eth1'],
      ['vip', '10.9.0.9'],
      ['port', 80],
      ['real_servers.count', 1],
      ['login.through_director', false],
      ['real_servers.1.address', '192.168.2.2'],
      ['real_servers.1.interface', 'eth0'],
      ['real_servers.1.weight', 1],
      ['client.kind', 'none'],
      ['scheduler', scheduler],
      ['mode', 'nat'],
    ]);
    const nics = [
      { device: 'ens33', addresses: ['192.168.2.130/24'] },
      { device: 'eth1', addresses: [] },
    ];
    const found = { director: { ...twoNics, nics, kernel: 'el7' } };
    expect(standing(walkWith({ given }), found).question.name).toBe(asked);
  });
});
