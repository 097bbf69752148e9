/**
 * Takes one change back, as a new change: only where what it made still stands, since anything else would undo a later change
 * too. Never turns a killed flag on.
 */
import type { CommandOf, FlagConfigurationInput, RevertedChange, SegmentConfigurationInput } from '@yardarm/contract';
import { inArray } from 'drizzle-orm';
import type { Tx } from '../db/client.ts';
import { environments } from '../db/schema.ts';
import { updateEnvironment } from '../environments/update-environment.ts';
import { findFlag, findFlagEnvironment, refuseArchived } from '../flags/flag-store.ts';
import { presentConfiguration } from '../flags/present-flag.ts';
import { killFlag } from '../flags/switch-flag.ts';
import { updateFlag } from '../flags/update-flag.ts';
import { presentProject } from '../projects/present-project.ts';
import { findEnvironment, findProject, type ProjectRow } from '../projects/project-store.ts';
import { updateProject } from '../projects/update-project.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { findSegment, findSegmentEnvironment, presentSegmentConfiguration } from '../segments/segment-store.ts';
import { updateSegment } from '../segments/update-segment.ts';
import type { CommandContext } from './command-context.ts';
import { lockHeads, lockProject } from './lock-heads.ts';
import { type Aspect, aspectOf, findChange, notRevertible, type PastEdit, requireOutcome } from './past-change.ts';
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
  const { aspect, edit } = aspectOf(change);
  const recorded: RecordedChange[] = [];
  const recording: CommandContext = {
    ...context,
    record: async (heads, handled) => {
      const made = await context.record(heads, handled);
      recorded.push(made);
      return made;
    },
  };
  await REVERTS[aspect](recording, project, edit, input.reason);
  const [made] = recorded;
  if (made === undefined) throw notRevertible(change, 'changed nothing that is kept; there is nothing to take back.');
  return { changeSet: String(made.changeSetId), revisions: await nameRevisions(tx, made.revisions) };
}

/** Each asks for the right to what it writes, locks, and compares before it writes, through the handler of the plain edit. */
type Revert = (context: CommandContext, project: ProjectRow, edit: PastEdit, reason: string | undefined) => Promise<unknown>;

const REVERTS: { readonly [A in Aspect]: Revert } = {
  'flag configuration': async (context, project, edit) => {
    const place = await enter(context, project, edit, 'flag.configure');
    const flag = await findFlag(context.tx, project, edit.key);
    refuseArchived(flag);
    const row = await findFlagEnvironment(context.tx, flag.id, place.environment.id);
    const current = presentConfiguration(row);
    requireOutcome(edit, current);
    const after = { ...current, ...(edit.before as FlagConfigurationInput) };
    return writeConfigurations(context, place, withoutEqual({ flags: [{ flag, row, after }], segments: [] }));
  },

  'segment configuration': async (context, project, edit) => {
    const place = await enter(context, project, edit, 'segment.configure');
    const segment = await findSegment(context.tx, project, edit.key);
    const row = await findSegmentEnvironment(context.tx, segment.id, place.environment.id);
    const current = presentSegmentConfiguration(row);
    requireOutcome(edit, current);
    const after = { ...current, ...(edit.before as SegmentConfigurationInput) };
    return writeConfigurations(context, place, withoutEqual({ flags: [], segments: [{ segment, row, after }] }));
  },

  unkill: async (context, project, edit, reason) => {
    const { environment } = await enter(context, project, edit, 'flag.kill');
    const flag = await findFlag(context.tx, project, edit.key);
    requireOutcome(edit, { on: (await findFlagEnvironment(context.tx, flag.id, environment.id)).on });
    const target = { project: project.key, environment: environment.key, flag: flag.key };
    return killFlag(context, { type: 'flag.kill', target, input: { reason } });
  },

  'flag details': async (context, project, edit, reason) => {
    context.authorize('flag.update', { project: project.key });
    await lockProject(context.tx, project.id);
    const flag = await findFlag(context.tx, project, edit.key);
    requireOutcome(edit, flag);
    const target = { project: project.key, flag: flag.key };
    const baseVersions = { flag: flag.version };
    return updateFlag(context, { type: 'flag.update', target, input: { ...wayBack(edit), reason }, baseVersions });
  },

  'segment details': async (context, project, edit, reason) => {
    context.authorize('segment.update', { project: project.key });
    await lockProject(context.tx, project.id);
    const segment = await findSegment(context.tx, project, edit.key);
    requireOutcome(edit, segment);
    const target = { project: project.key, segment: segment.key };
    const baseVersions = { segment: segment.version };
    return updateSegment(context, { type: 'segment.update', target, input: { ...wayBack(edit), reason }, baseVersions });
  },

  'environment details': async (context, project, edit, reason) => {
    context.authorize('environment.update', { project: project.key, environment: edit.key });
    await lockProject(context.tx, project.id);
    const { environment } = await findEnvironment(context.tx, project.key, edit.key);
    requireOutcome(edit, environment);
    const target = { project: project.key, environment: environment.key };
    const baseVersions = { environment: environment.version };
    return updateEnvironment(context, { type: 'environment.update', target, input: { ...wayBack(edit), reason }, baseVersions });
  },

  'project details': async (context, { key, id }, edit, reason) => {
    context.authorize('project.update', { project: key });
    await lockProject(context.tx, id);
    const project = await findProject(context.tx, key);
    requireOutcome(edit, presentProject(project));
    const baseVersions = { project: project.version };
    const input = { ...wayBack(edit), reason };
    return updateProject(context, { type: 'project.update', target: { project: key }, input, baseVersions });
  },
};

/** The edit's environment, its head locked before anything of it is read. */
async function enter(
  { tx, authorize }: CommandContext,
  project: ProjectRow,
  edit: PastEdit,
  action: CommandOf<'flag.configure' | 'segment.configure' | 'flag.kill'>['type'],
) {
  const { environment } = await findEnvironment(tx, project.key, edit.environment as string);
  authorize(action, { project: project.key, environment: environment.key });
  return { project, environment, heads: await lockHeads(tx, [environment.id]) };
}

/** The members that the edit changed, as they were: naming the others would move an environment that only got a colour. */
function wayBack({ before, after }: PastEdit): object {
  return Object.fromEntries(
    Object.entries(before).filter(([name, value]) => canonicalJson(value) !== canonicalJson(after[name] ?? null)),
  );
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
