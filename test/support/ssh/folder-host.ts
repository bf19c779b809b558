import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { apply, type ApplyResult } from '../../../src/engine/apply/apply.ts';
import { type ChangeOptions } from '../../../src/engine/apply/change-session.ts';
import { type EngineContext } from '../../../src/engine/model/engine-context.ts';
import { type Connection } from '../../../src/engine/model/connection.ts';
import { ConnectError } from '../../../src/engine/model/failures/errors.ts';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { countSteps } from '../../../src/engine/model/plan.ts';
import { type Playbook } from '../../../src/engine/model/play.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { sh } from '../../../src/engine/model/shell/script.ts';
import {
  closeSurvey,
  type EngineHost,
  survey,
  type Survey,
  type SurveyOptions,
} from '../../../src/engine/apply/survey.ts';
import { surveyTeardown, type TeardownOptions } from '../../../src/engine/apply/teardown.ts';
import { configKey, directory, file } from '../../../src/index.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { testContext } from '../engine-context.ts';

/** What the engine is told of the world, and of how to change the host. */
type ApplyOptions = Partial<EngineContext> & ChangeOptions;

/** Fifteen seconds are enough for a host that is this machine. */
function optionsIn({ lockWaitMs, confirmSeconds = 15 }: ApplyOptions): ChangeOptions {
  return { lockWaitMs, confirmSeconds };
}

/** A folder of this machine that stands for a host's file system, changed through a real sh. */
export class FolderHost {
  readonly root = mkdtempSync(path.join(tmpdir(), "lvslab it's "));
  /** How it is reached. */
  open = (): Connection => openLocalConnection({ host: 'a' });
  readonly #events: EngineEvent[] = [];
  /** Hosts of the same lab that a teardown finds beside this one. */
  others: readonly EngineHost<string>[] = [];
  readonly #surveys: Survey[] = [];

  constructor() {
    mkdirSync(this.at('etc'));
    mkdirSync(this.at('usr'));
    writeFileSync(this.at('usr/config'), 'A=1\nKEY=old\nB=2');
    chmodSync(this.at('usr/config'), 0o640);
    symlinkSync('../usr/config', this.at('etc/config'));
    writeFileSync(this.at('etc/page'), 'old page\u0000with a NUL', { mode: 0o604 });
  }

  at(name: string): string {
    return path.join(this.root, name);
  }

  get journal(): string {
    return this.at('state/journal');
  }

  /** What the person was told, in one text. */
  get notices(): string {
    return this.#events
      .flatMap((event) => (event.type === 'notice' ? [event.text] : []))
      .join('\n');
  }

  async remove(): Promise<void> {
    await Promise.all(this.#surveys.map(closeSurvey));
    rmSync(this.root, { recursive: true });
  }

  context(more: Partial<EngineContext> = {}): EngineContext {
    return testContext({ events: this.#events, ...more });
  }

  /** A folder, a file in it, a file that was there, one key of a shared one behind a symlink. */
  wanted(text = 'new page'): readonly Resource[] {
    return [
      directory({ path: this.at('etc/made'), mode: '0750' }),
      file({ path: this.at('etc/made/file'), content: 'made\n' }),
      file({ path: this.at('etc/page'), content: text }),
      configKey({ file: this.at('etc/config'), key: 'KEY', line: 'KEY=new' }),
    ];
  }

  playbook(resources = this.wanted(), name = 'site'): Playbook<string> {
    return { name, plays: [{ name: 'make', hosts: 'servers', resources: () => resources }] };
  }

  async survey(
    playbook = this.playbook(),
    {
      orphans = 'adopt',
      ...more
    }: ApplyOptions & Partial<Pick<SurveyOptions<string>, 'orphans'>> = {},
  ): Promise<Survey> {
    const found = await survey([this.#host()], { playbook, orphans }, this.context(more));
    this.#surveys.push(found);
    return found;
  }

  async apply(playbook = this.playbook(), more: ApplyOptions = {}): Promise<ApplyResult> {
    return await apply(
      { survey: await this.survey(playbook, more), playbook },
      optionsIn(more),
      this.context(more),
    );
  }

  /** Takes everything back, or what the options say; tells also how many steps that took and what was kept. */
  async tearDown(
    options: Partial<TeardownOptions> = {},
    more: ApplyOptions = {},
  ): Promise<ApplyResult & { readonly kept: readonly string[]; readonly steps: number }> {
    const all: TeardownOptions = {
      only: [],
      keepShared: false,
      overwrite: false,
      orphans: 'adopt',
      ...options,
    };
    const found = await surveyTeardown([this.#host(), ...this.others], all, this.context(more));
    this.#surveys.push(found.survey);
    const plans = found.survey.hosts.map(({ plan }) => plan);
    return {
      ...(await apply(found, optionsIn(more), this.context(more))),
      kept: plans.flatMap(({ kept = [] }) => kept).map(({ id }) => id),
      steps: plans.reduce((sum, plan) => sum + countSteps(plan), 0),
    };
  }

  /** Every entry below etc and usr, with all that can be told of it. */
  tree(): string {
    const list =
      'find etc usr -printf "%p %y %m %U %G %l\\n" | sort; find etc usr -type f | sort | xargs sha256sum';
    return execFileSync('sh', ['-c', list], { cwd: this.root, encoding: 'utf8' });
  }

  /** A host that can't be reached. */
  unreachable(name: string, dispensable: boolean): EngineHost<string> {
    const error = new ConnectError('no answer', { host: name, step: 'connect' });
    return { ...this.#host(), name, dispensable, connect: () => Promise.reject(error) };
  }

  #host(): EngineHost<string> {
    return {
      name: 'a',
      groups: ['servers'],
      readOnly: false,
      connect: () => Promise.resolve(this.open()),
      facts: sh`echo a`,
      context: (facts) => facts.trim(),
      paths: {
        stateDir: this.at('state'),
        runtimeDir: this.at('runtime'),
        unitDir: this.at('units'),
      },
    };
  }
}
