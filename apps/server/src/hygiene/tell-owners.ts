/**
 * The digest: once a day each owner is told, through the webhooks of the project, of flags that wait for them. What is told, that it was
 * told and the messages themselves are one transaction, so that a server which ends in between tells nobody twice. It is in the
 * record as all that the server does by itself, and changes no flag.
 */
import type { CommandOf } from '@yardarm/contract';
import { sql } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { insertRows } from '../db/bulk.ts';
import type { Tx } from '../db/client.ts';
import { hygieneNotices } from '../db/hygiene-tables.ts';
import { toDay } from '../flags/flag-lifecycle.ts';
import { findProject, type ProjectRow } from '../projects/project-store.ts';
import { dueNotices, noticeOf, type Told, toldKey } from './due-notices.ts';
import { type ListedFlag, readAssessed } from './list-assessed.ts';

/** Of one digest; the count is of all. */
const MAX_FLAGS = 100;
const EVERY_FLAG = 100_000;

/** What a webhook is told, as `after` of the one change of the digest. */
export interface Digest {
  /** A team's key or a person's name; null: nobody owns them. */
  readonly owner: string | null;
  readonly team: string | null;
  readonly count: number;
  /** The most urgent first, at most 100. */
  readonly flags: readonly Pick<ListedFlag, 'flag' | 'lifecycle' | 'expiresOn' | 'reasons'>[];
}

/** Answers how many flags were named; 0 where the digest of the day was sent, or nobody wants to be told. */
export async function tellOwners(
  { tx, nowMs, record }: CommandContext,
  { target }: CommandOf<'hygiene.digest'>,
): Promise<{ readonly flags: number }> {
  const project = await findProject(tx, target.project);
  const today = toDay(nowMs);
  // The row holds still until the end: of several servers one tells.
  const claimed = await tx.execute(sql`
    update hygiene_projects set told_on = ${today} where project_id = ${project.id} and (told_on is null or told_on < ${today}) returning 1`);
  if (claimed.length === 0) return { flags: 0 };
  const isHeard = await loadHeard(tx, project);
  if (isHeard === null) return { flags: 0 };
  const flags = await readAssessed(tx, project, nowMs, sql`f.archived_at is null`, EVERY_FLAG);
  const due = dueNotices(
    flags.filter(({ owner }) => isHeard(owner)),
    await loadTold(tx, project),
    nowMs,
  );
  if (due.length === 0) return { flags: 0 };
  const heads = await lockHeads(tx, []);
  const digests = toDigests(due);
  for (const { named: _, ...digest } of digests) {
    const change = { kind: 'project', key: project.key, environmentId: null, before: {}, after: digest } as const;
    await record(heads, { projectId: project.id, changes: [change], bodies: [] });
  }
  // What had no room is in the next digest.
  const named = digests.flatMap((digest) => digest.named);
  await noteTold(tx, project, named, nowMs);
  return { flags: named.length };
}

function toDigests(due: readonly ListedFlag[]): (Digest & { readonly named: readonly ListedFlag[] })[] {
  const owners = new Map<string | null, ListedFlag[]>();
  for (const flag of due) {
    const known = owners.get(flag.owner);
    if (known === undefined) owners.set(flag.owner, [flag]);
    else known.push(flag);
  }
  return [...owners].map(([owner, flags]) => {
    const named = flags.slice(0, MAX_FLAGS);
    return {
      owner,
      team: flags[0]?.ownerTeam?.name ?? null,
      count: flags.length,
      flags: named.map(({ flag, lifecycle, expiresOn, reasons }) => ({ flag, lifecycle, expiresOn, reasons })),
      named,
    };
  });
}

/**
 * Whether any webhook gets the digest of an owner, by the same rules as of queue-deliveries.ts: of no environment, a digest goes to none that
 * names some. Null: there is no such webhook.
 */
async function loadHeard(tx: Tx, { id }: ProjectRow): Promise<((owner: string | null) => boolean) | null> {
  const hooks = await tx.execute<{ owners: readonly string[] }>(sql`
    select owners from webhooks where project_id = ${id} and enabled and environments = '[]'::jsonb
      and (commands = '[]'::jsonb or commands ? 'hygiene.digest')`);
  if (hooks.length === 0) return null;
  return (owner) => hooks.some(({ owners }) => owners.length === 0 || (owner !== null && owners.includes(owner)));
}

async function loadTold(tx: Tx, { id }: ProjectRow): Promise<Told> {
  const rows = await tx.execute<{ flag_id: string; state: string; at: number }>(sql`
    select n.flag_id, n.state, (extract(epoch from n.told_at) * 1000)::float8 as at
    from hygiene_notices n join flags f on f.id = n.flag_id where f.project_id = ${id}`);
  return new Map(rows.map(({ flag_id, state, at }) => [toldKey({ flagId: flag_id, state }), at]));
}

/** What was told longer ago than it matters goes. */
async function noteTold(tx: Tx, { id }: ProjectRow, due: readonly ListedFlag[], nowMs: number): Promise<void> {
  const toldAt = new Date(nowMs);
  await tx.execute(sql`
    delete from hygiene_notices where flag_id in (select id from flags where project_id = ${id})
      and (told_at < ${toldAt.toISOString()}::timestamptz - interval '8 days' or (flag_id::text, state) in (
        select n ->> 'flagId', n ->> 'state' from jsonb_array_elements(${JSON.stringify(due.map(noticeOf))}::text::jsonb) n))`);
  await insertRows(
    tx,
    hygieneNotices,
    due.map((flag) => ({ ...noticeOf(flag), toldAt })),
  );
}
