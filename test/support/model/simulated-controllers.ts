import { apply } from '../../../src/engine/apply/apply.ts';
import { closeSurvey, type EngineHost, survey } from '../../../src/engine/apply/survey.ts';
import { surveyTeardown } from '../../../src/engine/apply/teardown.ts';
import { type EngineContext } from '../../../src/engine/model/engine-context.ts';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { type LvslabError } from '../../../src/engine/model/failures/errors.ts';
import { type Playbook } from '../../../src/engine/model/play.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { type RollbackPlan } from '../../../src/engine/model/rollback-plan.ts';
import { lines, type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { file } from '../../../src/index.ts';
import { makeFromSpec } from '../../../src/resources/resource-kinds.ts';
import { testContext } from '../engine-context.ts';
import { type Controller, type SimulatedHost, writing } from './simulated-host.ts';

/** Virtual seconds that a host waits for a confirmation. */
export const CONFIRM_SECONDS = 15;

/** What an invocation is to make of the host. */
export interface Wish {
  readonly text: string;
  /** Whether it changes the NIC, too, whose change needs a confirmation. */
  readonly nic: 'not at all' | 'well' | 'so that nobody gets in any more';
}

/** The events after which an invocation waits for what goes on on the host. */
const WAITING = ['job-found', 'step-started', 'step-followed', 'step-confirming', 'reconnecting'];

/** One run of lvslab by a controller. */
export class Invocation {
  readonly #interruption = new AbortController();
  readonly #controller: Controller = { isGone: false, wires: new Set() };
  readonly #host: SimulatedHost;
  readonly ended: Promise<void>;
  readonly wish: Wish | 'teardown';
  readonly events: EngineEvent[] = [];
  #last: EngineEvent['type'] | undefined;
  /** It waits for the job of somebody who is gone, as anybody may: it has no lock yet. */
  followsOrphan = false;
  /** Not set while it goes on. */
  end: 'proved' | { readonly failures: readonly string[] } | undefined;
  /** Whether it has ended because somebody else was at work. */
  wasRefused = false;

  constructor(host: SimulatedHost, wish: Wish | 'teardown', name: string) {
    this.#host = host;
    this.wish = wish;
    const context = testContext({
      signal: this.#interruption.signal,
      identity: { owner: name, controller: name },
      makeFromSpec: (spec) => guardedAndGated(host, makeFromSpec(spec)),
      emit: (event) => {
        this.#note(event);
      },
    });
    this.ended = this.#work(context).catch((error: unknown) => {
      this.#fail([error]);
    });
  }

  /** It goes on, and can do no more until something happens to the host. */
  get isWaiting(): boolean {
    if (this.end !== undefined) return false;
    if (this.#last === 'reconnecting') return isCutOff(this.#host);
    if (this.#last === undefined || !isHeld(this.#host)) return false;
    // Its own change of the NIC is about to be confirmed.
    return !isPending(this.#host) || this.followsOrphan || isCutOff(this.#host);
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#interruption.abort();
  }

  /** SIGKILL: nothing of it reaches the host any more. */
  async kill(): Promise<void> {
    this.#controller.isGone = true;
    this.#host.drop(this.#controller);
    this.#interruption.abort();
    await this.ended;
  }

  /** Its connections break. */
  loseConnection(): void {
    // Who is reconnecting has none to lose, and says nothing more until it has one.
    if (this.#last !== 'reconnecting') this.forgetWhatItWaitsFor();
    this.#host.drop(this.#controller);
  }

  forgetWhatItWaitsFor(): void {
    this.#last = undefined;
  }

  #note(event: EngineEvent): void {
    this.events.push(event);
    if (event.type === 'job-found' && (!event.isOrphaned || event.state !== 'running')) return;
    if (event.type === 'job-found') this.followsOrphan = true;
    if (event.type === 'play-started') this.followsOrphan = false;
    if (event.type === 'reconnected' || event.type === 'step-finished') this.#last = undefined;
    if (WAITING.includes(event.type)) this.#last = event.type;
  }

  async #work(context: EngineContext): Promise<void> {
    const host = engineHost(this.#host, this.#controller);
    const { wish } = this;
    const playbook = wish === 'teardown' ? undefined : playbookOf(this.#host, wish);
    const all = { only: [], keepShared: false, overwrite: true, orphans: 'adopt' } as const;
    const found =
      playbook === undefined
        ? await surveyTeardown([host], all, context)
        : { survey: await survey([host], { playbook, orphans: 'adopt' }, context), playbook };
    try {
      const { failures, proved } = await apply(found, { confirmSeconds: CONFIRM_SECONDS }, context);
      if (failures.length > 0) this.#fail(failures.map(({ error }) => error));
      else if (proved.includes('a')) this.end = 'proved';
      else this.#fail(['neither proved nor failed']);
    } finally {
      await closeSurvey(found.survey);
    }
  }

  #fail(errors: readonly unknown[]): void {
    this.wasRefused = errors.some((error) => (error as LvslabError).code === 'E_LOCKED');
    this.end = { failures: errors.map(String) };
  }
}

function isCutOff(host: SimulatedHost): boolean {
  return host.read('etc/cut-off') !== '';
}

function isPending(host: SimulatedHost): boolean {
  return host.pendingChanges.length > 0;
}

/** A step has come to its gate, or a change is not decided. */
export function isHeld(host: SimulatedHost): boolean {
  return (host.read('arrived') !== '' && host.read('go') === '') || isPending(host);
}

function engineHost(host: SimulatedHost, controller: Controller): EngineHost<string> {
  return {
    name: 'a',
    groups: ['servers'],
    readOnly: false,
    connect: () => Promise.resolve().then(() => host.connect(controller)),
    facts: sh`echo a`,
    context: (facts) => facts.trim(),
    paths: host.paths,
  };
}

function playbookOf(host: SimulatedHost, { text, nic }: Wish): Playbook<string> {
  const fileOf = (name: string): Resource => file({ path: host.at(name), content: text });
  const card = nic === 'not at all' ? [] : [guarded(host, fileOf('etc/card'), nic)];
  const resources = [gated(host, fileOf('etc/page')), ...card];
  return { name: 'site', plays: [{ name: 'make', hosts: 'servers', resources: () => resources }] };
}

/** The step says when a change is made of which the journal does not know yet what was before. */
function noted(host: SimulatedHost, { id }: Resource): Script {
  const journal = `${host.paths.stateDir}/journal`;
  return sh`grep '"first"' ${journal} 2>/dev/null | grep -qF -e ${id} || echo ${`${id} is not in the journal`} >>${host.at('violations')}`;
}

/** What a teardown makes again of the journal is as careful as what was made. */
function guardedAndGated(host: SimulatedHost, resource: Resource): Resource {
  return resource.id.endsWith('/page') ? gated(host, resource) : guarded(host, resource, 'well');
}

/** A file whose change waits at a gate. */
function gated(host: SimulatedHost, resource: Resource): Resource {
  return {
    ...resource,
    converge: (from, to) =>
      writing(
        host,
        lines(
          noted(host, resource),
          sh`echo x >${host.at('arrived')}; until [ -e ${host.at('go')} ]; do sleep 0.05; done; rm -f ${host.at('arrived')} ${host.at('go')}`,
          resource.converge(from, to),
        ),
      ),
  };
}

/** A file that stands for a NIC: its change has to be confirmed. */
function guarded(host: SimulatedHost, resource: Resource, nic: Wish['nic']): Resource {
  const [target, cutOff] = [host.at('etc/card'), host.at('etc/cut-off')];
  const guard: RollbackPlan = {
    save: sh`if [ -e ${target} ]; then cp -a ${target} saved; fi`,
    before: lines(),
    after: lines(),
    restorePersistent: writing(
      host,
      sh`if [ -e saved ]; then cp -a saved ${target}; else rm -f ${target}; fi`,
    ),
    restoreRunning: sh`rm -f ${cutOff}`,
  };
  return {
    ...resource,
    converge: (from, to) =>
      writing(
        host,
        lines(
          noted(host, resource),
          resource.converge(from, to),
          sh`cp ${host.at('connections')} ${host.at('connections-before')}`,
          nic === 'well' ? undefined : sh`echo x >${cutOff}`,
        ),
      ),
    rollback: () => guard,
  };
}
