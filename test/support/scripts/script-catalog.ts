import { type ScriptCollector } from './script-collector.ts';
import { embeddedScripts } from './script-catalog-embedded.ts';
import { engineScripts } from './script-catalog-engine.ts';
import { networkScripts, networkVerbs } from './script-catalog-network.ts';
import { rareScripts, resourceScripts } from './script-catalog-resources.ts';
import { sessionScripts } from './script-catalog-sessions.ts';

/** Gives the collector every script that lvslab makes, as hosts and this machine get it. */
export async function collectScripts(collector: ScriptCollector): Promise<void> {
  engineScripts(collector);
  resourceScripts(collector);
  collector.within('rare', () => {
    rareScripts(collector);
  });
  networkScripts(collector);
  networkVerbs(collector);
  embeddedScripts(collector);
  await sessionScripts(collector);
}
