import type { CommandOf, EditedFlags } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { EntityChange } from '../changes/record-change.ts';
import { changedBodies, refuseIntroducedIssues } from '../changes/refuse-issues.ts';
import { updateRows } from '../db/bulk.ts';
import { flags } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findProject, listEnvironments } from '../projects/project-store.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { requireLifecycle } from './flag-lifecycle.ts';
import { type FlagRow, loadFlagEnvironments, refuseArchived, toFlagBody } from './flag-store.ts';
import { findFlags, type Refusal } from './flags-by-key.ts';

type Input = CommandOf<'flag.update_many'>['input'];
type Edited = Pick<FlagRow, 'owner' | 'tags'>;

const MAX_TAGS = 50;

/**
 * The same edit of several flags, in one change set. It asks for no version: what it adds and removes is right whatever
 * else changed. A flag of which it cannot be made is named with the reason, and keeps none of the others from it. Throws `not_found`
 * where there is no such project.
 */
export async function updateFlags(
  { tx, nowMs, record }: CommandContext,
  { target, input }: CommandOf<'flag.update_many'>,
): Promise<EditedFlags> {
  const project = await findProject(tx, target.project);
  await lockProject(tx, project.id);
  // Tags are in no body; the owner is in that of every environment.
  const environments = input.owner === undefined ? [] : await listEnvironments(tx, project.id);
  const heads = await lockHeads(
    tx,
    environments.map(({ id }) => id),
  );
  const { found, unknown } = await findFlags(tx, project, input.flags);
  const refused: Refusal[] = [...unknown];
  const edits: { readonly flag: FlagRow; readonly after: Edited }[] = [];
  for (const flag of found) {
    const refusal = refusalOf(flag, input, nowMs);
    if (refusal === null) edits.push({ flag, after: edited(flag, input) });
    else refused.push(refusal);
  }
  const changing = edits.filter(({ flag, after }) => canonicalJson(pickEdited(flag)) !== canonicalJson(after));
  const answer: EditedFlags = {
    changed: changing.map(({ flag }) => flag.key),
    unchanged: edits.filter((edit) => !changing.includes(edit)).map(({ flag }) => flag.key),
    refused,
  };
  if (changing.length === 0) return answer;

  const written = changing.map(({ flag, after }) => ({ ...flag, ...after, version: flag.version + 1 }));
  await updateRows(tx, flags, written, { by: ['id'], set: ['owner', 'tags', 'version'] });
  const reowned = new Map(written.filter((row, index) => row.owner !== changing[index]?.flag.owner).map((row) => [row.id, row]));
  // Read under the heads' locks, so that a kill that was faster stays one.
  const rows = await loadFlagEnvironments(tx, [...reowned.keys()]);
  const halves = [...reowned.values()].flatMap((flag) => (rows.get(flag.id) ?? []).map(({ row }) => ({ flag, row })));
  const before = new Map(found.map((flag) => [flag.id, flag]));
  const changes: EntityChange[] = [
    ...changing.map(({ flag, after }): EntityChange => {
      return { kind: 'flag', key: flag.key, environmentId: null, before: pickEdited(flag), after };
    }),
    ...halves.map(({ flag, row: { environmentId } }): EntityChange => {
      const former = before.get(flag.id)?.owner ?? null;
      return { kind: 'flag', key: flag.key, environmentId, before: { owner: former }, after: { owner: flag.owner } };
    }),
  ];
  const bodies = await changedBodies(
    tx,
    halves.map(({ flag, row }) => {
      return { environmentId: row.environmentId, kind: 'flag', key: flag.key, body: toFlagBody(flag, row) };
    }),
  );
  await refuseIntroducedIssues(tx, project, environments, bodies);
  await record(heads, { projectId: project.id, changes, bodies });
  return answer;
}

function refusalOf(flag: FlagRow, input: Input, nowMs: number): Refusal | null {
  try {
    refuseArchived(flag);
    if (input.owner !== undefined) requireLifecycle(flag.kind, { owner: input.owner }, nowMs);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { flag: flag.key, code: error.code, message: error.message };
  }
  if (edited(flag, input).tags.length <= MAX_TAGS) return null;
  return {
    ...{ flag: flag.key, code: 'validation_failed' },
    message: `Flag '${flag.key}' would have more than ${MAX_TAGS} tags; take some off first.`,
  };
}

function edited(flag: FlagRow, { addTags = [], removeTags = [], owner }: Input): Edited {
  const gone = new Set(removeTags);
  return {
    owner: owner === undefined ? flag.owner : owner,
    tags: [...new Set([...flag.tags.filter((tag) => !gone.has(tag)), ...addTags])],
  };
}

function pickEdited({ owner, tags }: FlagRow): Edited {
  return { owner, tags };
}
