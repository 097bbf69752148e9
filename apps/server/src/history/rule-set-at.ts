/** The rule set of an environment as of any of its revisions, rendered from what was stored then: the same bytes as then. */
import type { RuleSet } from '@yardarm/evaluator';
import { loadTextsAt, type TextAt } from '../changes/load-texts-at.ts';
import type { Database } from '../db/client.ts';
import { renderBody, renderRuleSet, type ServedBody } from '../ruleset/build.ts';

export interface PastState {
  readonly project: { readonly key: string };
  readonly environment: { readonly id: string; readonly key: string };
  readonly epoch: string;
  readonly revision: number;
}

/** JSON text of the server view. */
export async function renderRuleSetAt(db: Database, { project, environment, epoch, revision }: PastState): Promise<string> {
  const texts = await loadTextsAt(db, environment.id, revision);
  return renderRuleSet({ project: project.key, environment: environment.key, epoch, revision }, texts.map(toServedBody));
}

export async function loadRuleSetAt(db: Database, state: PastState): Promise<RuleSet> {
  return JSON.parse(await renderRuleSetAt(db, state)) as RuleSet;
}

function toServedBody({ kind, key, revision, tag, body }: TextAt): ServedBody {
  return { kind, key, revision, tag, text: renderBody(body, revision, tag), off: null };
}
