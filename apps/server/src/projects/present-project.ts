import type { Environment, Project } from '@yardarm/contract';
import type { EnvironmentRow, ProjectRow } from './project-store.ts';

export function presentProject({ key, name, defaultExpiryDays, version, createdAt }: ProjectRow): Project {
  return { key, name, defaultExpiryDays, version, createdAt: createdAt.toISOString() };
}

export function presentEnvironment(row: EnvironmentRow, head: { epoch: string; revision: number }): Environment {
  const { key, name, position, color, version } = row;
  return { key, name, position, color, protected: row.protected, version, epoch: head.epoch, revision: head.revision };
}
