import type { Environment, HygieneWindows, Project } from '@yardarm/contract';
import type { EnvironmentRow, ProjectRow } from './project-store.ts';

export function presentProject(row: ProjectRow): Project {
  const { key, name, defaultExpiryDays, version, createdAt } = row;
  return { key, name, defaultExpiryDays, hygiene: windowsOf(row), version, createdAt: createdAt.toISOString() };
}

export function windowsOf({ expiringDays, notEvaluatedDays, oneValueDays, codeGoneDays }: ProjectRow): HygieneWindows {
  return { expiringDays, notEvaluatedDays, oneValueDays, codeGoneDays };
}

export function presentEnvironment(row: EnvironmentRow, head: { epoch: string; revision: number }): Environment {
  const { key, name, position, color, version } = row;
  return { key, name, position, color, protected: row.protected, version, epoch: head.epoch, revision: head.revision };
}
