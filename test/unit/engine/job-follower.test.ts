import { describe, expect, test } from '@jest/globals';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { JobFollower } from '../../../src/engine/detached/job-follower.ts';

describe('following a run', () => {
  const play = {
    host: 'a',
    play: 'nginx',
    steps: ['packages', 'build'],
    commands: ['yum', 'make'],
    onConfirm: () => undefined,
  };

  function follow(): { readonly follower: JobFollower; readonly told: () => readonly string[] } {
    const events: EngineEvent[] = [];
    const emit = (event: EngineEvent): void => void events.push(event);
    return {
      follower: new JobFollower(play, {
        emit,
        clock: { elapsed: () => 0, date: () => new Date(0) },
      }),
      told: () => events.map((event) => ('step' in event ? `${event.type} ${event.step}` : '')),
    };
  }

  test('lines come in any pieces', () => {
    const { follower, told } = follow();
    for (const piece of 'begin 0\nend 0 0 \nbegin 1\nend 1 0 \ndone\n') follower.read(piece);
    expect(told()).toEqual([
      'step-started packages',
      'step-finished packages',
      'step-started build',
      'step-finished build',
    ]);
    expect(follower.status).toMatchObject({ finished: ['packages', 'build'], end: 'done' });
  });

  test('half a line that came before the connection broke comes again, and counts once', () => {
    const { follower, told } = follow();
    follower.read('begin 0\nend 0 0 \nbegin 1\nend 1');
    expect(follower.nextLine).toBe(4);
    expect(follower.status).toMatchObject({ finished: ['packages'], running: 'build' });
    follower.resume();
    follower.read('end 1 0 \ndone\n');
    expect(follower.status).toMatchObject({ finished: ['packages', 'build'], end: 'done' });
    expect(told().slice(-2)).toEqual(['step-followed build', 'step-finished build']);
  });

  test('a failure is kept, whatever else comes', () => {
    const { follower } = follow();
    follower.read(`begin 0\nend 0 3 ${Buffer.from('no luck').toString('base64')}\ndone\n`);
    expect(follower.status).toMatchObject({
      finished: [],
      failure: { step: 'packages', exitCode: 3, message: 'exit status 3: no luck' },
    });
  });

  test('a run that ends without a word has died', () => {
    const { follower } = follow();
    follower.read('begin 0\n\ndied\n');
    expect(follower.status).toMatchObject({ finished: [], running: 'packages', end: 'died' });
  });
});
