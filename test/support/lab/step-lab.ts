import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Connection } from '../../../src/engine/model/connection.ts';
import { type Playbook } from '../../../src/engine/model/play.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { type Script, sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { type EngineHost } from '../../../src/engine/apply/survey.ts';
import { note } from '../note.ts';

/** A host 'a' below a folder of this machine, on which each step writes down that it ran. */
export class StepLab {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  at(name: string): string {
    return path.join(this.#folder, name);
  }

  host(connect: () => Promise<Connection>, readOnly = false): EngineHost<string> {
    return {
      name: 'a',
      groups: [],
      readOnly,
      connect,
      facts: sh`echo a`,
      context: (facts) => facts.trim(),
      paths: {
        stateDir: this.at('state'),
        runtimeDir: this.at('runtime'),
        unitDir: this.at('units'),
      },
    };
  }

  /** One play of these steps. */
  playbook(steps: readonly Resource[]): Playbook<string> {
    return { name: 'steps', plays: [{ name: 'make', hosts: 'a', resources: () => steps }] };
  }

  step(name: string, more: Script = trusted('')): Resource {
    return note(
      this.at(name),
      'done',
      sh`echo ${name} >>${this.at('ran')}
${more}`,
    );
  }

  /** The steps that have run, in their order. */
  get ran(): readonly string[] {
    return readFileSync(this.at('ran'), 'utf8').trim().split('\n');
  }

  /** One field of what the lock says of its holder. */
  holder(field: string): string {
    const text = readFileSync(this.at('runtime/lock/holder'), 'utf8');
    return new RegExp(`^${field}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  }

  /** The process of the job that goes on. */
  get jobProcess(): number {
    const pid = this.at(`runtime/runs/${this.holder('run')}.0/pid`);
    return Number(readFileSync(pid, 'utf8'));
  }
}
