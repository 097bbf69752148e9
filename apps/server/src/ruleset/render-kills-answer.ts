/**
 * What `GET /sync/v1/kills` answers. Frozen, and apart from everything that renders rules: of a body it looks at nothing but
 * whether the flag is off and what it then serves, so that no rule, known or not, can keep a kill from being told.
 */
import type { Kill, KillsAnswer } from '@yardarm/sync';
import type { RuleSetView } from './rule-set-view.ts';

/** JSON text of every flag of the view that is off, sorted by key, so that equal states have equal bytes. */
export function renderKillsAnswer({ header, bodies }: Pick<RuleSetView, 'header' | 'bodies'>): string {
  const off: Kill[] = [];
  for (const body of bodies.values()) {
    if (body.off !== null) off.push({ key: body.key, offVariant: body.off.variant, revision: body.revision });
  }
  off.sort((a, b) => (a.key < b.key ? -1 : 1));
  const answer: KillsAnswer = { epoch: header.epoch, revision: header.revision, off };
  return JSON.stringify(answer);
}
