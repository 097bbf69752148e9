/** The verdict on one flag as of now: nothing of it is kept from an earlier assessment but since when the code is gone. */
import { type FlagVerdict, lifecycleOf } from '@yardarm/contract';
import type { Database } from '../db/client.ts';
import { toDay } from '../flags/flag-lifecycle.ts';
import type { FlagRow } from '../flags/flag-store.ts';
import { presentSnooze } from '../flags/present-flag.ts';
import type { ProjectRow } from '../projects/project-store.ts';
import { assessFlag, loadGoneSince } from './assess-project.ts';
import { loadFacts } from './load-facts.ts';
import { toReasons } from './to-reasons.ts';

export async function readVerdict(db: Database, project: ProjectRow, row: FlagRow, nowMs: number): Promise<FlagVerdict> {
  const [known, gone] = await Promise.all([loadFacts(db, project, nowMs, row.key), loadGoneSince(db, project.id, row.key)]);
  const [flag] = known.flags;
  if (flag === undefined) throw new Error(`Flag ${row.key} was found but not read.`);
  const { judgement, standing } = assessFlag(flag, known, gone.get(flag.id) ?? null, nowMs);
  const state = { archivedAt: row.archivedAt?.toISOString() ?? null, expiresOn: row.expiresOn, standing: standing.standing };
  const lifecycle = lifecycleOf(state, toDay(nowMs), known.windows);
  return {
    flag: row.key,
    verdict: judgement.verdict,
    awaitingDeploy: judgement.awaitingDeploy,
    facts: [...judgement.facts],
    lifecycle,
    reasons: toReasons(state, lifecycle, standing.reasons),
    snooze: presentSnooze(row, toDay(nowMs)),
    at: new Date(nowMs).toISOString(),
  };
}
