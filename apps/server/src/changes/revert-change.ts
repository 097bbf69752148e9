/**
 * Takes one change back, as a new change: only where what it made still stands, since anything else would undo a later change
 * too. Never turns a killed flag on. What can be taken back is told by what the change wrote, not by which command
 * wrote it: a copy and a way back are changes of configurations like any edit.
 */
import {
  type CommandOf,
  diffThreeWays,
  type FlagConfigurationInput,
  flagConfiguration,
  type RevertedChange,
  type SegmentConfigurationInput,
  segmentConfiguration,
  updateFlagInput,
} from '@yardarm/contract';
import { and, eq, inArray } from 'drizzle-orm';
import { changeSets, changes } from '../db/audit-tables.ts';
import type { Tx } from '../db/client.ts';
import { environments } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { findFlag, findFlagEnvironment } from '../flags/flag-store.ts';
import { presentConfiguration } from '../flags/present-flag.ts';
import { killFlag } from '../flags/switch-flag.ts';
import { updateFlag } from '../flags/update-flag.ts';
import { toJsonPath } from '../http/zod-details.ts';
import { findEnvironment, findProject, type ProjectRow } from '../projects/project-store.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { findSegment, findSegmentEnvironment, presentSegmentConfiguration } from '../segments/segment-store.ts';
import type { CommandContext } from './command-context.ts';
import { lockHeads, lockProject } from './lock-heads.ts';
import type { RecordedChange } from './record-change.ts';
import { withoutEqual, writeConfigurations } from './write-configurations.ts';

/** Throws `not_found`, `forbidden`, `conflict` with a three-way diff, `not_revertible`, and what the write throws. */
export async function revertChange(
  context: CommandContext,
  { target, input }: CommandOf<'change.revert'>,
): Promise<RevertedChange> {
  const { tx } = context;
  const project = await findProject(tx, target.project);
  const change = await findChange(tx, project, target.change);
  const recorded: RecordedChange[] = [];
  const recording: CommandContext = {
    ...context,
    record: async (heads, handled) => {
      const made = await context.record(heads, handled);
      recorded.push(made);
      return made;
    },
  };
  await HANDLERS[aspectOf(change)](recording, project, change, input.reason);
  const [made] = recorded;
  if (made === undefined) throw refuse(change, 'changed nothing that can be told apart; there is nothing to take back.');
  return { changeSet: String(made.changeSetId), revisions: await nameRevisions(tx, made.revisions) };
}

interface PastChange {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly environment: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

async function findChange(tx: Tx, project: ProjectRow, id: string): Promise<PastChange> {
  const [changeSetId, seq] = id.split('-');
  const [row] = await tx
    .select({ change: changes, environment: environments.key })
    .from(changes)
    .innerJoin(changeSets, eq(changeSets.id, changes.changeSetId))
    .leftJoin(environments, eq(environments.id, changes.environmentId))
    .where(
      and(
        eq(changeSets.projectId, project.id),
        eq(changes.changeSetId, BigInt(changeSetId as string)),
        eq(changes.seq, Number(seq)),
      ),
    );
  if (row === undefined) throw new AppError('not_found', `Change ${id} does not exist in project '${project.key}'.`);
  const { kind, key, before, after } = row.change;
  return { id, kind, key, environment: row.environment, before, after };
}

/** What a change was about, as far as it can be taken back. */
type Aspect = 'flag configuration' | 'segment configuration' | 'unkill' | 'flag details';

/** Throws `not_revertible` with the way out. */
function aspectOf(change: PastChange): Aspect {
  const { kind, key, environment, before, after } = change;
  if (!isObject(before)) throw refuse(change, `made the ${kind} '${key}'; archive or remove it instead.`);
  if (!isObject(after)) throw refuse(change, `removed the ${kind} '${key}'; make it again instead.`);
  const writes = (shape: object) => Object.keys(after).every((member) => Object.hasOwn(shape, member));
  if (kind === 'flag' && environment !== null) {
    if (writes(flagConfiguration.shape)) return 'flag configuration';
    if (writes({ on: true })) {
      if (after.on === true) return 'unkill';
      throw refuse(change, `killed flag '${key}' in '${environment}'; a revert never turns a flag on, so unkill it instead.`);
    }
    throw refuse(change, `is what change ${change.id.split('-')[0]}-1 meant for '${environment}'; revert that one.`);
  }
  if (kind === 'segment' && environment !== null && writes(segmentConfiguration.shape)) return 'segment configuration';
  if (kind === 'flag' && writes(updateFlagInput.shape)) return 'flag details';
  throw refuse(change, `is a change of ${kind} '${key}' that a revert does not take back; make the opposite change instead.`);
}

type Revert = (context: CommandContext, project: ProjectRow, change: PastChange, reason: string | undefined) => Promise<unknown>;

const HANDLERS: { readonly [A in Aspect]: Revert } = {
  'flag configuration': async (context, project, change) => {
    const { tx, authorize } = context;
    const { environment, heads } = await enter(tx, project, change);
    authorize('flag.configure', { project: project.key, environment: environment.key });
    const flag = await findFlag(tx, project, change.key);
    const row = await findFlagEnvironment(tx, flag.id, environment.id);
    const current = presentConfiguration(row);
    requireOutcome(change, current);
    const after = { ...current, ...(change.before as FlagConfigurationInput) };
    return writeConfigurations(
      context,
      { project, environment, heads },
      withoutEqual({ flags: [{ flag, row, after }], segments: [] }),
    );
  },

  'segment configuration': async (context, project, change) => {
    const { tx, authorize } = context;
    const { environment, heads } = await enter(tx, project, change);
    authorize('segment.configure', { project: project.key, environment: environment.key });
    const segment = await findSegment(tx, project, change.key);
    const row = await findSegmentEnvironment(tx, segment.id, environment.id);
    const current = presentSegmentConfiguration(row);
    requireOutcome(change, current);
    const after = { ...current, ...(change.before as SegmentConfigurationInput) };
    return writeConfigurations(
      context,
      { project, environment, heads },
      withoutEqual({ flags: [], segments: [{ segment, row, after }] }),
    );
  },

  unkill: async (context, project, change, reason) => {
    const { tx, authorize } = context;
    const { environment } = await enter(tx, project, change);
    authorize('flag.kill', { project: project.key, environment: environment.key });
    const flag = await findFlag(tx, project, change.key);
    requireOutcome(change, { on: (await findFlagEnvironment(tx, flag.id, environment.id)).on });
    const target = { project: project.key, environment: environment.key, flag: flag.key };
    return killFlag(context, { type: 'flag.kill', target, input: { reason } });
  },

  'flag details': async (context, project, change, reason) => {
    const { tx, authorize } = context;
    await lockProject(tx, project.id);
    authorize('flag.update', { project: project.key });
    const flag = await findFlag(tx, project, change.key);
    requireOutcome(change, flag);
    return updateFlag(context, {
      type: 'flag.update',
      target: { project: project.key, flag: flag.key },
      input: { ...(change.before as object), reason },
      baseVersions: { flag: flag.version },
    });
  },
};

/** The change's environment, locked before anything of it is read. */
async function enter(tx: Tx, project: ProjectRow, change: PastChange) {
  const { environment } = await findEnvironment(tx, project.key, change.environment as string);
  return { environment, heads: await lockHeads(tx, [environment.id]) };
}

/** Throws `conflict` unless `current` is, in what the change wrote, as the change left it. */
function requireOutcome(change: PastChange, current: object): void {
  const written = Object.entries(current).filter(([member]) => Object.hasOwn(change.after as object, member));
  const state = Object.fromEntries(written);
  if (canonicalJson(state) === canonicalJson(change.after)) return;
  const where = change.environment === null ? '' : ` in '${change.environment}'`;
  const what = `${change.kind === 'flag' ? 'Flag' : 'Segment'} '${change.key}'${where}`;
  const entries = diffThreeWays(change.before, change.after, state);
  if (canonicalJson(state) === canonicalJson(change.before))
    throw new AppError('conflict', `${what} is already as it was before change ${change.id}.`, { details: toDetails(entries) });
  throw new AppError('conflict', `${what} was changed after change ${change.id}. Revert the later change first, or edit it.`, {
    details: toDetails(entries),
  });
}

function toDetails(entries: ReturnType<typeof diffThreeWays>) {
  return entries.map(({ path, before, after, current }) => ({
    path: toJsonPath(path),
    message: 'This is no longer as the change left it.',
    before,
    after,
    current,
  }));
}

function refuse(change: PastChange, why: string): AppError {
  return new AppError('not_revertible', `Change ${change.id} ${why}`);
}

async function nameRevisions(tx: Tx, revisions: ReadonlyMap<string, number>): Promise<RevertedChange['revisions']> {
  if (revisions.size === 0) return [];
  const rows = await tx
    .select({ id: environments.id, key: environments.key })
    .from(environments)
    .where(inArray(environments.id, [...revisions.keys()]))
    .orderBy(environments.position);
  return rows.map(({ id, key }) => ({ environment: key, revision: revisions.get(id) as number }));
}

function isObject(state: unknown): state is { readonly [member: string]: unknown } {
  return typeof state === 'object' && state !== null && !Array.isArray(state);
}
