import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConnectionLostError } from '../../../src/engine/model/failures/errors.ts';
import { type Connection } from '../../../src/engine/model/connection.ts';
import { drillLab, type DrillOptions } from '../../../src/verify/drill-lab.ts';
import { type LabUnderTest } from '../../../src/verify/lab-under-test.ts';
import { type Check } from '../../../src/verify/report.ts';
import { type Probe } from '../../../src/verify/probe/start-probe.ts';
import { verifyLab } from '../../../src/verify/verify-lab.ts';
import { eventually, LoopbackLab } from '../../support/network/loopback-lab.ts';

// A drill starts some hundred processes, which takes its time on a busy machine.

let toy: LoopbackLab;

beforeEach(async () => {
  toy = new LoopbackLab();
  await toy.open();
});

afterEach(async () => {
  await toy.close();
});

function failed(checks: readonly Check[]): readonly string[] {
  return checks.filter(({ verdict }) => verdict === 'failed').map(({ name }) => name);
}

describe('verifyLab', () => {
  test('all three sources agree on a lab that is whole, and the rules survive a restart', async () => {
    toy.saveRules(toy.rules());
    const report = await verifyLab(toy.test, { requests: 30, restart: true });
    expect(failed(report.checks)).toEqual([]);
    expect(report).toMatchObject({
      verdict: 'ok',
      clientAddress: '127.0.0.1',
      requests: { asked: 30, made: 30, answered: 30, refused: 0, timedOut: 0, strange: 0 },
      servers: [
        { name: 'rs1', expected: 10, bodies: 10, connections: 10, logged: 10 },
        { name: 'rs2', expected: 20, bodies: 20, connections: 20, logged: 20 },
      ],
    });
    const last = toy.events.filter(({ task }) => task === 'request 30 times').at(-2);
    expect(last).toMatchObject({ state: 'progress', text: '30 of 30' });
  });

  test('of a service of several ports each is asked in turn, and all requests are judged together', async () => {
    toy.goByMark(7, [80, 443, 8080]);
    const report = await verifyLab(toy.test, { requests: 30, restart: true });
    expect(failed(report.checks)).toEqual([]);
    expect(report).toMatchObject({
      verdict: 'ok',
      service: '127.0.0.1:80,443,8080 wrr',
      servers: [
        { name: 'rs1', expected: 10, bodies: 10, connections: 10, logged: 10 },
        { name: 'rs2', expected: 20, bodies: 20, connections: 20, logged: 20 },
      ],
    });
    expect(toy.askedPorts.slice(0, 4)).toEqual([80, 443, 8080, 80]);
  });

  test('a port whose packets nobody marks is named', async () => {
    toy.goByMark(7, [80, 443]);
    toy.faults.set('client', 'curl() { case $* in *:443/*) return 7;; esac; through_lvs "$@"; }');
    const report = await verifyLab(toy.test, { requests: 12, restart: false });
    const check = report.checks.find(({ name }) => name === 'every request is answered');
    expect(check?.explanation).toContain('Port 443: 6 of 6 not answered.');
  });

  test('a source that can not be read fails the verification', async () => {
    toy.faults.set('rs1', 'grep() { echo "grep: access.log: Permission denied" >&2; return 2; }');
    const report = await verifyLab(toy.test, { requests: 6, restart: false });
    expect(report.verdict).toBe('failed');
    expect(failed(report.checks)).toEqual(['access logs agree with the answers']);
    expect(report.checks[4]?.explanation).toContain('rs1: grep: access.log: Permission denied');
    expect(report.servers[0]).not.toHaveProperty('logged');
  });

  test("counters that include somebody else's connections fail the verification", async () => {
    toy.faults.set('client', 'echo rs1 >>"$TOY_FOLDER/given"');
    const report = await verifyLab(toy.test, { requests: 6, restart: false });
    expect(failed(report.checks)).toEqual(["IPVS's counters agree with the answers"]);
  });

  test('rules that a restart does not bring back fail the verification', async () => {
    toy.saveRules(toy.rules().replace('-w 2', '-w 3'));
    const report = await verifyLab(toy.test, { requests: 6, restart: true });
    expect(failed(report.checks)).toEqual(['rules survive a restart of their service']);
  });

  test('a stopped server is told from the answers, and its route is still checked', async () => {
    toy.faults.set('rs2', 'ip() { echo "$3 dev lo src 127.0.0.1"; }');
    await toy.stop('rs2');
    const report = await verifyLab(toy.test, { requests: 6, restart: false });
    expect(report.requests).toMatchObject({ answered: 2, refused: 4 });
    expect(failed(report.checks)).toEqual(
      expect.arrayContaining(['every request is answered', 'rs2 replies through the director']),
    );
  });
});

describe('drillLab', () => {
  const options: DrillOptions = {
    reconnect: (host) => Promise.resolve(toy.connection(host)),
    pause: () => Promise.resolve(),
  };

  test('the last server first, its share refused, then all, and everything runs again', async () => {
    const report = await drillLab(toy.test, options);
    expect(report.phases.flatMap(({ checks }) => failed(checks))).toEqual([]);
    expect(
      report.phases.map(({ title, requests }) => [title, requests.answered, requests.refused]),
    ).toEqual([
      ['all running', 30, 0],
      ['rs2 stopped', 10, 20],
      ['rs2 and rs1 stopped', 0, 30],
      ['all running again', 30, 0],
    ]);
    expect(toy.journal).toEqual(
      expect.arrayContaining(['start rs1', 'disarm rs1', 'start rs2', 'disarm rs2']),
    );
    expect(toy.journal.slice(0, 4)).toEqual(['guard rs2', 'stop rs2', 'guard rs1', 'stop rs1']);
    expect(report).toMatchObject({
      verdict: 'ok',
      restorations: [{ restored: true }, { restored: true }],
    });
  });

  test('an interruption in the middle ends it, with every server running again', async () => {
    const { emit, ...rest } = toy.test;
    const test: LabUnderTest = {
      ...rest,
      emit: (event) => {
        emit(event);
        if (event.task === 'rs2 stopped' && event.state === 'progress') toy.interruption.abort();
      },
    };
    const report = await drillLab(test, options);
    expect(report).toMatchObject({ verdict: 'failed', error: { code: 'E_CANCELLED' } });
    expect(report.restorations).toEqual([{ host: 'rs2', restored: true, command: '', reason: '' }]);
    expect(toy.running).toEqual(['rs1', 'rs2']);
  });

  test('traffic that goes on meanwhile pauses while requests are counted, and is told what is done', async () => {
    const told: string[] = [];
    const tell = (what: string) => async (): Promise<void> => Promise.resolve(void told.push(what));
    const probe: Probe = {
      mark: (what) => void told.push(what),
      pause: tell('pause'),
      resume: tell('resume'),
      stop: () => Promise.reject(new TypeError('whoever began it ends it')),
    };
    const report = await drillLab(toy.test, { ...options, probe });
    expect(report.verdict).toBe('ok');
    expect(told).toEqual([
      ...['pause', 'all running', 'resume'],
      ...['stop nginx on rs2', 'pause', 'rs2 stopped', 'resume'],
      ...['stop nginx on rs1', 'pause', 'rs2 and rs1 stopped', 'resume'],
      ...['start nginx on rs2 and rs1', 'pause', 'all running again', 'resume'],
    ]);
  });

  test('a connection that is lost while nginx is being stopped is opened anew to start it', async () => {
    const report = await drillLab(losing('rs2', toy.test), options);
    expect(report).toMatchObject({ verdict: 'failed', error: { code: 'E_CONNECTION_LOST' } });
    expect(report.restorations).toMatchObject([{ host: 'rs2', restored: true }]);
    expect(toy.running).toEqual(['rs1', 'rs2']);
  });

  test('a server that can not be started again is named, with the command to type', async () => {
    let attempts = 0;
    const report = await drillLab(losing('rs2', toy.test), {
      ...options,
      reconnect: (host) => {
        attempts += 1;
        return Promise.reject(new ConnectionLostError('no route to host', { host }));
      },
    });
    expect(report.restorations).toEqual([
      {
        host: 'rs2',
        restored: false,
        command: 'systemctl start nginx',
        reason: 'no route to host',
      },
    ]);
    expect(report.verdict).toBe('failed');
    expect(attempts).toBe(2);
    // The guard, as the host's own timer would.
    await eventually(() => toy.journal.includes('stop rs2'));
    expect(toy.journal).toEqual(['guard rs2', 'stop rs2']);
  });

  test('a service of several ports goes through all phases', async () => {
    toy.goByMark(7, [80, 443]);
    const report = await drillLab(toy.test, options);
    expect(report.phases.flatMap(({ checks }) => failed(checks))).toEqual([]);
    expect(report).toMatchObject({ verdict: 'ok', service: '127.0.0.1:80,443 wrr' });
    expect(new Set(toy.askedPorts)).toEqual(new Set([80, 443]));
  });

  test('a lab that is not whole is left alone', async () => {
    await toy.stop('rs1');
    const report = await drillLab(toy.test, options);
    expect(report.phases).toHaveLength(1);
    expect(report.verdict).toBe('failed');
    expect(toy.journal).toEqual(['']);
  });

  test('an nginx that systemd does not run is not stopped, for it could not be started again', async () => {
    toy.faults.set('rs2', 'systemctl() { [ "$1" != is-active ]; }');
    const report = await drillLab(toy.test, options);
    expect(report.error?.message).toContain('systemd does not run its nginx');
    expect(report.restorations).toEqual([]);
    expect(report.phases).toHaveLength(1);
  });

  /** The host's connection breaks once its script has run. */
  function losing(host: string, test: LabUnderTest): LabUnderTest {
    const whole = toy.connection(host);
    const broken: Connection = {
      ...whole,
      host,
      sessions: 0,
      run: async (script, runOptions) => {
        if (toy.journal.includes(`stop ${host}`)) throw new ConnectionLostError('gone', { host });
        await whole.run(script, runOptions);
        throw new ConnectionLostError('gone', { host });
      },
    };
    return { ...test, realServers: new Map([...test.realServers, [host, broken]]) };
  }
});
