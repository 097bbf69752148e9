import { type CommandOf, type Flag, type UpdatedFlag, variantsOfOtherType } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import type { EntityChange } from '../changes/record-change.ts';
import { changedBodies, refuseIntroducedIssues } from '../changes/refuse-issues.ts';
import { flagEnvironments, flags } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findProject, listEnvironments } from '../projects/project-store.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { requireLifecycle } from './flag-lifecycle.ts';
import { type FlagRow, findFlag, loadFlagEnvironments, refuseArchived, toFlagBody } from './flag-store.ts';
import { loadFlag } from './load-flags.ts';

/** What an edit of the project's half may touch. */
type Details = Pick<FlagRow, 'kind' | 'description' | 'variants' | 'clientSide' | 'owner' | 'expiresOn' | 'tags' | 'links'>;
/** The part of it that is in bodies: only an edit of these moves revisions, in every environment. */
const SERVED = ['kind', 'variants', 'clientSide', 'owner'] as const;

/**
 * Edits what the project says about a flag. One change set, whatever it touches; an edit that changes nothing is no
 * change. Throws `not_found`, `stale_version`, `archived`, `validation_failed`, and `invalid_reference` where a variant goes
 * that is still served somewhere.
 */
export async function updateFlag(context: CommandContext, command: CommandOf<'flag.update'>): Promise<UpdatedFlag> {
  const { tx, nowMs, record } = context;
  const { target, baseVersions, input } = command;
  const project = await findProject(tx, target.project);
  // The flag's own half holds still under this lock, and no environment is made meanwhile with the former one.
  await lockProject(tx, project.id);
  const flag = await findFlag(tx, project, target.flag);
  const current = await loadFlag(tx, flag, nowMs);
  requireVersion(baseVersions.flag, current, `Flag '${flag.key}'`);
  refuseArchived(flag);

  const before = pickDetails(flag);
  const after = edited(before, input);
  // Another kind asks for owner and expiry anew; otherwise only what the edit names is looked at.
  requireLifecycle(after.kind, before.kind === after.kind ? input : after, nowMs);
  requireVariantsOfType(flag.type, after.variants);
  if (canonicalJson(before) === canonicalJson(after)) return current;
  const served = SERVED.filter((name) => canonicalJson(before[name]) !== canonicalJson(after[name]));
  const environments = served.length === 0 ? [] : await listEnvironments(tx, project.id);
  const heads = await lockHeads(
    tx,
    environments.map(({ id }) => id),
  );
  const written = { ...flag, ...after, version: flag.version + 1 };
  await tx
    .update(flags)
    .set({ ...after, version: written.version })
    .where(eq(flags.id, flag.id));

  // What an environment serves is another since now: an owner, a kind or who may read it is none of it.
  if (served.includes('variants'))
    await tx
      .update(flagEnvironments)
      .set({ updatedAt: new Date(nowMs) })
      .where(eq(flagEnvironments.flagId, flag.id));
  // Read under the heads' locks, so that a kill that was faster stays one.
  const rows = served.length === 0 ? [] : ((await loadFlagEnvironments(tx, [flag.id])).get(flag.id) ?? []);
  const changes: EntityChange[] = [
    { kind: 'flag', key: flag.key, environmentId: null, before, after },
    ...rows.map(({ row: { environmentId } }): EntityChange => {
      return { kind: 'flag', key: flag.key, environmentId, before: pick(before, served), after: pick(after, served) };
    }),
  ];
  const bodies = await changedBodies(
    tx,
    rows.map(({ row }) => {
      return { environmentId: row.environmentId, kind: 'flag', key: flag.key, body: toFlagBody(written, row) };
    }),
  );
  const exposes = await refuseIntroducedIssues(tx, project, environments, bodies);
  await record(heads, { projectId: project.id, changes, bodies });
  return { ...(await loadFlag(tx, written, nowMs)), ...(exposes.length > 0 && { exposes }) };
}

function edited(before: Details, input: CommandOf<'flag.update'>['input']): Details {
  return {
    kind: input.kind ?? before.kind,
    description: input.description ?? before.description,
    variants: input.variants ?? before.variants,
    clientSide: input.clientSide ?? before.clientSide,
    owner: input.owner === undefined ? before.owner : input.owner,
    expiresOn: input.expiresOn === undefined ? before.expiresOn : input.expiresOn,
    tags: input.tags ?? before.tags,
    links: input.links ?? before.links,
  };
}

/** The type is fixed: code asks for it by name. */
function requireVariantsOfType(type: FlagRow['type'], variants: FlagRow['variants']): void {
  const details = variantsOfOtherType(type, variants as Flag['variants']).map(({ variant, message }) => {
    return { path: `variants.${variant}`, message };
  });
  if (details.length > 0) throw new AppError('validation_failed', details.map(({ message }) => message).join(' '), { details });
}

function pickDetails({ kind, description, variants, clientSide, owner, expiresOn, tags, links }: FlagRow): Details {
  return { kind, description, variants, clientSide, owner, expiresOn, tags, links };
}

function pick(details: Details, names: readonly (keyof Details)[]) {
  return Object.fromEntries(names.map((name) => [name, details[name]]));
}
