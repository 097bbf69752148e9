/** The frame of pages that belong to no project; the navigation leads to the one that was open last. */
import { useQuery } from '@tanstack/react-query';
import { projectsQuery } from '../features/projects/api/get-projects.ts';
import { projectOpenLast } from '../lib/last-project.ts';
import { Frame } from './frame.tsx';

export function InstanceLayout() {
  const { data: projects = [] } = useQuery(projectsQuery());
  return <Frame project={projectOpenLast(projects)?.key ?? null} live={false} />;
}
