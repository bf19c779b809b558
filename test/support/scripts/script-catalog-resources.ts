import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { combine } from '../../../src/engine/host/observe.ts';
import { absent, type Resource, type Target } from '../../../src/engine/model/resource.ts';
import { sh } from '../../../src/engine/model/shell/script.ts';
import { packageManagers } from '../../../src/platforms/packages/package-managers.ts';
import { exportScript } from '../../../src/reporters/render/export-script.ts';
import { restoreExtended } from '../../../src/resources/files/extended-attributes.ts';
import { factsOf, makeResource, resourceOfCase } from '../case-resources.ts';
import { pastOf, undoTarget } from '../undo-target.ts';
import { type ScriptCollector } from './script-collector.ts';
import { commitConfirmed, job } from './script-catalog-engine.ts';

interface Case {
  readonly options: unknown;
  readonly files?: Readonly<Record<string, string>>;
  readonly output: string;
  readonly afterOutput?: string;
  readonly changed?: readonly string[];
}

/** Every kind of resource as it is observed, changed and undone, in each of the cases that the unit tests know. */
export function resourceScripts(collector: ScriptCollector): void {
  const folder = path.resolve('test/cases/resources');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yml'))) {
    const name = file.replace('.yml', '');
    const known = parse(readFileSync(path.join(folder, file), 'utf8')) as Case;
    collector.within(name, () => {
      caseScripts(collector, name, { known, resource: resourceOfCase(name, known.options) });
    });
  }
}

/** What no case has: a job that was interrupted, attributes that come back, and the plan of a host as text. */
export function rareScripts(collector: ScriptCollector): void {
  const gcc = makeResource('package-set', { names: ['gcc'] }, factsOf.debian);
  const [before, after] = [' gcc', ''].map((auto) =>
    gcc.parse(`packages\n gcc\t4:12.2.0-3\tinstalled\nauto\n${auto}`),
  );
  if (before?.kind !== 'value' || after?.kind !== 'value') throw new Error('no packages');
  const past = { ...pastOf(gcc, before), outcomes: [{ gcc: '4:12.2.0-3' }], interrupted: true };
  job([gcc.converge(after, undoTarget(gcc, after, past))]);
  const account = makeResource('user', { name: 'nginx', shell: '/sbin/nologin' }, factsOf.el7);
  const half = account.parse(
    'user\n nginx:x:997:995::/home/nginx:/sbin/nologin\ngroup\n nginx:x:995:\nhalves\n gshadow\n gshadow+',
  );
  if (half.kind !== 'value') throw new Error('no account');
  const cutOff = { ...pastOf(account, absent), unmade: true };
  job([account.converge(half, account.aim(half, cutOff))]);
  for (const [name, { askOthers, discard }] of Object.entries(packageManagers)) {
    collector.add(`what others need, ${name}`, combine([askOthers(['gcc'])], 'n0nce'));
    const halves = { names: ['gcc', 'make'], keepConfiguration: ['make'] };
    if (discard !== undefined) collector.add(`halves that go, ${name}`, discard(halves));
  }
  const attributes = Buffer.from('21 SCHILY.xattr.a=b\n').toString('base64');
  collector.add(
    'attributes',
    sh`
    folder=/etc temp=/etc/new
    ${restoreExtended(attributes)}
  `,
  );
  const step = { resource: gcc, from: absent, to: gcc.aim(absent), changes: [] };
  const plays = [{ play: 'director', steps: [step], unchanged: 0 }];
  const plan = { hosts: [{ host: 'director', plays, notices: [] }], failures: [] };
  collector.add('export', exportScript(plan));
}

function caseScripts(
  collector: ScriptCollector,
  name: string,
  { known, resource }: { readonly known: Case; readonly resource: Resource },
): void {
  collector.add(`${name}: observe`, combine([resource.observe], 'n0nce'));
  const { product } = resource;
  if (product !== undefined) collector.add(`${name}: product`, combine([product.script], 'n0nce'));
  const read = resource.parse(withFiles(known.output, known));
  if (read.kind === 'unknown') return;
  const observed = resource.afterChanges?.(read, new Set(known.changed)) ?? read;
  const wanted = resource.aim(observed);
  change(resource, observed, wanted);
  change(resource, absent, wanted);
  const after = resource.parse(withFiles(known.afterOutput ?? known.output, known));
  if (after.kind !== 'unknown')
    change(resource, after, undoTarget(resource, after, pastOf(resource, read)));
}

/** The job of one change. One that may cut the host off is read as such only from a state that was found. */
function change(resource: Resource, from: Target<unknown>, to: Target<unknown>): void {
  if (resource.diff(from, to).length === 0) return;
  const converge = resource.converge(from, to);
  job([converge]);
  const guard = from.kind === 'absent' ? undefined : resource.rollback?.(from, to);
  if (guard !== undefined) job([commitConfirmed(guard, converge)]);
}

/** Hosts send files in base64; cases name them. */
function withFiles(output: string, { files = {} }: Case): string {
  return output.replaceAll(/<(\w+)>$/gm, (_, name: string) =>
    Buffer.from(files[name] ?? '').toString('base64'),
  );
}
