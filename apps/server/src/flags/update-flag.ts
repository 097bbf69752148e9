import type { CommandOf, Flag } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { BodyWrite, EntityChange } from '../changes/record-change.ts';
import { refuseIntroducedIssues } from '../changes/refuse-issues.ts';
import { flags } from '../db/schema.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findProject, listEnvironments } from '../projects/project-store.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { requireLifecycle } from './flag-lifecycle.ts';
import { type FlagRow, findFlag, loadFlagEnvironments, toFlagBody } from './flag-store.ts';
import { presentFlag } from './present-flag.ts';

/**
 * Edits what the project says about a flag: description, owner, expiry and tags. Only the owner is part of what SDKs
 * get, so that only another owner moves revisions, in every environment. An edit that changes nothing is no change.
 * Throws `not_found`, `stale_version`, `validation_failed`.
 */
export async function updateFlag(context: CommandContext, command: CommandOf<'flag.update'>): Promise<Flag> {
  const { tx, nowMs, record } = context;
  const { target, baseVersions, input } = command;
  const project = await findProject(tx, target.project);
  // The flag's own half holds still under this lock, and no environment is made meanwhile with the former owner.
  await lockProject(tx, project.id);
  const flag = await findFlag(tx, project, target.flag);
  const present = async (row: FlagRow) => presentFlag(row, (await loadFlagEnvironments(tx, [row.id])).get(row.id) ?? []);
  requireVersion(baseVersions.flag, await present(flag), `Flag '${flag.key}'`);
  requireLifecycle(flag.kind, input, nowMs);

  const before = pickDetails(flag);
  const after = {
    description: input.description ?? before.description,
    owner: input.owner === undefined ? before.owner : input.owner,
    expiresOn: input.expiresOn === undefined ? before.expiresOn : input.expiresOn,
    tags: input.tags ?? before.tags,
  };
  if (canonicalJson(before) === canonicalJson(after)) return present(flag);
  const environments = before.owner === after.owner ? [] : await listEnvironments(tx, project.id);
  const heads = await lockHeads(
    tx,
    environments.map(({ id }) => id),
  );
  const written = { ...flag, ...after, version: flag.version + 1 };
  await tx
    .update(flags)
    .set({ ...after, version: written.version })
    .where(eq(flags.id, flag.id));

  const rows = (await loadFlagEnvironments(tx, [flag.id])).get(flag.id) ?? [];
  const changes: EntityChange[] = [{ kind: 'flag', key: flag.key, environmentId: null, before, after }];
  const bodies: BodyWrite[] = [];
  for (const { row } of environments.length === 0 ? [] : rows) {
    const { environmentId } = row;
    const [was, is] = [{ owner: before.owner }, { owner: after.owner }];
    changes.push({ kind: 'flag', key: flag.key, environmentId, before: was, after: is });
    bodies.push({ environmentId, kind: 'flag', key: flag.key, body: toFlagBody(written, row) });
  }
  await refuseIntroducedIssues(tx, project, environments, bodies);
  await record(heads, { projectId: project.id, changes, bodies });
  return presentFlag(written, rows);
}

function pickDetails({ description, owner, expiresOn, tags }: FlagRow) {
  return { description, owner, expiresOn, tags };
}
