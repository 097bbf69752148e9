import type { Environment, Project } from '@yardarm/contract';
import type { EnvironmentRow, ProjectRow } from './project-store.ts';

export function presentProject({ key, name, createdAt }: ProjectRow): Project {
  return { key, name, createdAt: createdAt.toISOString() };
}

export function presentEnvironment(row: EnvironmentRow, head: { epoch: string; revision: number }): Environment {
  const { key, name, position } = row;
  return { key, name, position, protected: row.protected, epoch: head.epoch, revision: head.revision };
}
