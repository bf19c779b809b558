/* eslint-disable @typescript-eslint/explicit-module-boundary-types -- typed where it stands in a Behaviour */
import { randomBytes } from 'node:crypto';
import { AT_ONCE, type Behaviour, commands, GIVES_UP, LIMIT } from './evil-behaviour.ts';
import { pour, pourBanners } from './evil-manners.ts';

/** Misbehaves before anybody has logged in. */
export const inTheHandshake: readonly Behaviour[] = [
  {
    name: 'accepts the connection and says nothing',
    manners: { socket: () => undefined },
    answer: GIVES_UP,
    against: commands,
    isSlow: true,
  },
  {
    name: 'says half a banner',
    manners: { socket: (socket) => socket.write('SSH-2.0-Open') },
    answer: GIVES_UP,
    against: ['plan', 'verify'],
    isSlow: true,
  },
  {
    name: 'says lines without end before the banner',
    manners: {
      socket: (socket) => {
        pour(socket, 'Welcome!\r\n'.repeat(1000));
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'unlock', 'doctor'],
    isQuick: true,
  },
  {
    name: 'says one line without end instead of a banner',
    manners: {
      socket: (socket) => {
        pour(socket, 'x'.repeat(10_000));
      },
    },
    answer: LIMIT,
    against: ['plan', 'drill'],
  },
  {
    name: 'speaks no SSH after its banner, but random bytes',
    manners: {
      socket: (socket) => {
        socket.write(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), randomBytes(100_000)]));
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'init'],
  },
  {
    name: 'closes the connection at once',
    manners: { socket: (socket) => socket.destroy() },
    answer: AT_ONCE,
    against: commands,
    isQuick: true,
  },
  {
    name: 'never answers the login',
    manners: { login: () => undefined },
    answer: GIVES_UP,
    against: ['plan', 'verify', 'doctor'],
    isSlow: true,
  },
  {
    name: 'answers the login with banners without end',
    manners: { login: pourBanners },
    answer: GIVES_UP,
    against: ['plan'],
    isSlow: true,
  },
  {
    name: 'closes the connection in the login',
    manners: { login: (client) => client.end() },
    answer: AT_ONCE,
    against: ['plan', 'reprovision'],
  },
  {
    name: 'shows another key than the known one',
    manners: {},
    key: 'changed',
    answer: 'stops before the login, with both fingerprints',
    against: ['plan', 'unlock', 'drill'],
    isQuick: true,
  },
  {
    name: 'shows another key, and StrictHostKeyChecking=no lets it pass',
    manners: {},
    key: 'changed, and not to be checked',
    answer: 'goes on without any password: neither for the login nor for sudo',
    against: ['plan', 'apply', 'doctor'],
    isHarmless: true,
  },
];

/** Misbehaves before a shell as root is there. */
export const inTheSession: readonly Behaviour[] = [
  {
    name: 'never answers the wish for a session',
    manners: { session: () => undefined },
    answer: GIVES_UP,
    against: ['plan', 'unlock', 'verify', 'doctor'],
    isSlow: true,
  },
  {
    name: 'refuses sessions',
    manners: {
      session: (reject) => {
        reject();
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'verify', 'unlock'],
  },
  {
    name: 'closes the connection when a session is wanted',
    manners: { session: (_reject, client) => client.end() },
    answer: AT_ONCE,
    against: ['plan', 'apply', 'drill'],
  },
  {
    name: 'never answers the wish to run a program',
    manners: { exec: () => undefined },
    answer: GIVES_UP,
    against: ['plan', 'unlock', 'init'],
    isSlow: true,
  },
  {
    name: 'refuses to run programs',
    manners: {
      exec: (_start, refuse) => {
        refuse();
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'verify', 'doctor'],
  },
  {
    name: 'starts no shell, and says nothing',
    manners: { exec: (start) => start() },
    answer: GIVES_UP,
    against: ['plan', 'teardown', 'verify'],
    isSlow: true,
  },
  {
    name: 'greets without end before the shell begins',
    manners: {
      exec: (start) => {
        pour(start(), 'Message of the day\n'.repeat(1000));
      },
    },
    answer: LIMIT,
    against: ['plan', 'verify', 'unlock', 'doctor'],
  },
  {
    name: 'complains without end before the shell begins',
    manners: {
      exec: (start) => {
        pour(start().stderr, 'sudo: what?\n'.repeat(1000));
      },
    },
    answer: LIMIT,
    against: ['plan', 'apply'],
  },
  {
    name: 'ends the shell without a status',
    manners: {
      exec: (start) => {
        start().close();
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'verify', 'unlock'],
    isQuick: true,
  },
  {
    name: 'ends the shell with status 0 before it begins',
    manners: {
      exec: (start) => {
        const channel = start();
        channel.exit(0);
        channel.end();
      },
    },
    answer: AT_ONCE,
    against: ['plan', 'drill'],
  },
  {
    name: 'closes the connection when the shell is to begin',
    manners: { exec: (_start, _refuse, client) => client.end() },
    answer: AT_ONCE,
    against: ['plan', 'verify'],
  },
];
