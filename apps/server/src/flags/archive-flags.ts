import type { CommandOf, EditedFlags } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import { findProject, listEnvironments } from '../projects/project-store.ts';
import { type Dependant, findDependants, toInUse, toMoves, writeMoved } from './archive-flag.ts';
import { loadFlagEnvironments } from './flag-store.ts';
import { findFlags, type Refusal } from './flags-by-key.ts';

/**
 * Archives several flags in one change set. One that another flag has as a prerequisite is named and stays, unless that one is
 * archived with it; it keeps none of the others from it. Throws `not_found` where there is no such project.
 */
export async function archiveFlags(
  { tx, nowMs, record }: CommandContext,
  { target, input }: CommandOf<'flag.archive_many'>,
): Promise<EditedFlags> {
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  const all = await listEnvironments(tx, project.id);
  const heads = await lockHeads(
    tx,
    all.map(({ id }) => id),
  );
  const { found, unknown } = await findFlags(tx, project, input.flags);
  const live = found.filter(({ archivedAt }) => archivedAt === null);
  const dependants = await findDependants(
    tx,
    project.id,
    live.map(({ key }) => key),
  );
  const kept = keptByDependants(new Set(live.map(({ key }) => key)), dependants);
  const going = live.filter(({ key }) => !kept.has(key));
  const answer: EditedFlags = {
    changed: going.map(({ key }) => key),
    unchanged: found.filter(({ archivedAt }) => archivedAt !== null).map(({ key }) => key),
    refused: [...unknown, ...kept.values()],
  };
  if (going.length === 0) return answer;

  const rows = await loadFlagEnvironments(
    tx,
    going.map(({ id }) => id),
  );
  await writeMoved(tx, going, { archived: true, at: new Date(nowMs) });
  await record(heads, {
    projectId: project.id,
    changes: going.flatMap((flag) => toMoves(flag, rows.get(flag.id) ?? [], true)),
    bodies: going.flatMap((flag) =>
      (rows.get(flag.id) ?? []).map(({ row }) => {
        return { environmentId: row.environmentId, kind: 'flag' as const, key: flag.key, body: null };
      }),
    ),
  });
  return answer;
}

/** Which of `asked` must stay: what a flag that stays asks for stays too, and so on. */
function keptByDependants(asked: ReadonlySet<string>, dependants: readonly Dependant[]): ReadonlyMap<string, Refusal> {
  const kept = new Map<string, Refusal>();
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const key of asked) {
      if (kept.has(key)) continue;
      const holding = dependants.filter((one) => one.prerequisite === key && (!asked.has(one.flag) || kept.has(one.flag)));
      if (holding.length === 0) continue;
      const { code, message } = toInUse(key, holding);
      kept.set(key, { flag: key, code, message });
    }
  }
  return kept;
}
