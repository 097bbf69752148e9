import { loadTexts, selectRuleSet } from '../changes/candidate.ts';
import type { Tx } from '../db/client.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import { findUnhashable } from '../ruleset/client-exposure.ts';
import { mayBeClientSide } from '../ruleset/client-view.ts';

/**
 * Throws `conflict` with every condition that shows browsers what the attribute is compared with. The caller holds the heads of
 * the environments.
 */
export async function refuseReadable(
  tx: Tx,
  project: { readonly key: string },
  environments: readonly { readonly id: string; readonly key: string }[],
  attribute: string,
): Promise<void> {
  const details: ErrorDetail[] = [];
  for (const environment of environments) {
    const texts = await loadTexts(tx, environment.id);
    const all = [...texts.values()].filter(({ kind, body }) => kind === 'segment' || mayBeClientSide(body ?? ''));
    const ruleSet = selectRuleSet({ project: project.key, environment: environment.key }, texts, all);
    for (const { code, path, message } of findUnhashable(ruleSet, new Set([attribute])))
      details.push({ path: `environments/${environment.key}${path}`, message, code });
  }
  if (details.length === 0) return;
  const places = details.length === 1 ? 'one place' : `${details.length} places`;
  throw new AppError(
    'conflict',
    `Attribute '${attribute}' cannot be sensitive: browsers can read what it is compared with in ${places}; see details.`,
    { details },
  );
}
