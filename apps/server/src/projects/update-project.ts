import type { CommandOf, HygieneWindows, Project } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads, lockProject } from '../changes/lock-heads.ts';
import { projects } from '../db/schema.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { presentProject, windowsOf } from './present-project.ts';
import { findProject } from './project-store.ts';

/** Edits name, default expiry and the windows of hygiene; flags that exist keep their expiry. Throws `not_found`, `stale_version`. */
export async function updateProject({ tx, record }: CommandContext, command: CommandOf<'project.update'>): Promise<Project> {
  const { input, baseVersions } = command;
  const { id } = await findProject(tx, command.target.project);
  await lockProject(tx, id);
  const project = await findProject(tx, command.target.project);
  requireVersion(baseVersions.project, presentProject(project), `Project '${project.key}'`);
  const before = { name: project.name, defaultExpiryDays: project.defaultExpiryDays, hygiene: windowsOf(project) };
  const after = {
    name: input.name ?? before.name,
    defaultExpiryDays: input.defaultExpiryDays ?? before.defaultExpiryDays,
    hygiene: withGiven(before.hygiene, input.hygiene ?? {}),
  };
  if (canonicalJson(before) === canonicalJson(after)) return presentProject(project);
  const { hygiene, ...rest } = after;
  const columns = { ...rest, ...hygiene, version: project.version + 1 };
  const written = { ...project, ...columns };
  await tx.update(projects).set(columns).where(eq(projects.id, id));
  await record(await lockHeads(tx, []), {
    projectId: id,
    changes: [{ kind: 'project', key: project.key, environmentId: null, before, after }],
    bodies: [],
  });
  return presentProject(written);
}

function withGiven(
  windows: HygieneWindows,
  given: { readonly [name in keyof HygieneWindows]?: number | undefined },
): HygieneWindows {
  return {
    expiringDays: given.expiringDays ?? windows.expiringDays,
    notEvaluatedDays: given.notEvaluatedDays ?? windows.notEvaluatedDays,
    oneValueDays: given.oneValueDays ?? windows.oneValueDays,
    codeGoneDays: given.codeGoneDays ?? windows.codeGoneDays,
  };
}
