/** A recorded change as a revert looks at it: what it was about, and whether what it made still stands. */
import {
  diffThreeWays,
  flagConfiguration,
  segmentConfiguration,
  updateEnvironmentInput,
  updateFlagInput,
  updateProjectInput,
  updateSegmentInput,
} from '@yardarm/contract';
import { and, eq } from 'drizzle-orm';
import { changeSets, changes } from '../db/audit-tables.ts';
import type { Tx } from '../db/client.ts';
import { environments } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { toJsonPath } from '../http/zod-details.ts';
import type { ProjectRow } from '../projects/project-store.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';

export interface PastChange {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly environment: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** A change that edited something, which is what can be taken back. */
export interface PastEdit extends PastChange {
  readonly before: State;
  readonly after: State;
}
type State = { readonly [member: string]: unknown };

/** Throws `not_found`. */
export async function findChange(tx: Tx, project: ProjectRow, id: string): Promise<PastChange> {
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

/** What an edit was about, by what it wrote and not by the command: a copy edits configurations as an edit does. */
export type Aspect =
  | 'flag configuration'
  | 'segment configuration'
  | 'unkill'
  | 'flag details'
  | 'segment details'
  | 'environment details'
  | 'project details';

const WAY_OUT_OF_MAKING: { readonly [kind: string]: string } = {
  flag: 'archive it instead.',
  segment: 'delete it instead.',
  key: 'revoke it instead.',
  environment: 'environments stay, but its flags can be killed and its keys revoked.',
  project: 'projects stay, but their flags can be archived.',
};

/** Throws `not_revertible` with the way out. */
export function aspectOf(change: PastChange): { readonly aspect: Aspect; readonly edit: PastEdit } {
  const { kind, key, environment, before, after } = change;
  if (!isState(before))
    throw notRevertible(change, `made the ${kind} '${key}'; ${WAY_OUT_OF_MAKING[kind] ?? 'make the opposite change instead.'}`);
  if (!isState(after)) throw notRevertible(change, `removed the ${kind} '${key}'; make it again instead.`);
  const edit: PastEdit = { ...change, before, after };
  const writes = (shape: object) => Object.keys(after).every((member) => Object.hasOwn(shape, member));
  if (kind === 'flag' && Object.hasOwn(after, 'archived'))
    throw notRevertible(
      change,
      `archived or unarchived flag '${key}'; ${after.archived === true ? 'unarchive' : 'archive'} it instead.`,
    );
  if (kind === 'flag' && environment !== null) {
    if (writes(flagConfiguration.shape)) return { aspect: 'flag configuration', edit };
    if (!writes({ on: true }))
      throw notRevertible(change, `is what change ${change.id.split('-')[0]}-1 meant for '${environment}'; revert that one.`);
    if (after.on === true) return { aspect: 'unkill', edit };
    throw notRevertible(
      change,
      `killed flag '${key}' in '${environment}'; a revert never turns a flag on, so unkill it instead.`,
    );
  }
  if (kind === 'segment' && environment !== null && writes(segmentConfiguration.shape))
    return { aspect: 'segment configuration', edit };
  const shape = kind in DETAILS ? DETAILS[kind as keyof typeof DETAILS] : undefined;
  if (shape !== undefined && writes(shape)) return { aspect: `${kind as keyof typeof DETAILS} details`, edit };
  throw notRevertible(
    change,
    `is a change of ${kind} '${key}' that a revert does not take back; make the opposite change instead.`,
  );
}

const DETAILS = {
  flag: updateFlagInput.shape,
  segment: updateSegmentInput.shape,
  environment: updateEnvironmentInput.shape,
  project: updateProjectInput.shape,
} as const;

export function notRevertible(change: PastChange, why: string): AppError {
  return new AppError('not_revertible', `Change ${change.id} ${why}`);
}

/** Throws `conflict`, with a three-way diff, unless `current` is as the change left it in what the change wrote. */
export function requireOutcome({ id, kind, key, environment, before, after }: PastEdit, current: object): void {
  const state = Object.fromEntries(Object.entries(current).filter(([member]) => Object.hasOwn(after, member)));
  if (canonicalJson(state) === canonicalJson(after)) return;
  const where = environment === null || kind === 'environment' ? '' : ` in '${environment}'`;
  const what = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} '${key}'${where}`;
  const message =
    canonicalJson(state) === canonicalJson(before)
      ? `${what} is already as it was before change ${id}.`
      : `${what} was changed after change ${id}. Revert the later change first, or edit it.`;
  const details = diffThreeWays(before, after, state).map((entry) => ({
    ...entry,
    path: toJsonPath(entry.path),
    message: 'This is no longer as the change left it.',
  }));
  throw new AppError('conflict', message, { details });
}

function isState(state: unknown): state is State {
  return typeof state === 'object' && state !== null && !Array.isArray(state);
}
