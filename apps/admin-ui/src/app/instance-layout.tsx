/** The frame of pages that belong to no project; the navigation leads to the one that was open last. */
import { useQuery } from '@tanstack/react-query';
import { projectsQuery } from '../features/projects/api/get-projects.ts';
import { readLastProject } from '../lib/last-project.ts';
import { Frame } from './frame.tsx';

export function InstanceLayout() {
  const { data: projects = [] } = useQuery(projectsQuery());
  const last = readLastProject();
  const project = projects.find(({ key }) => key === last) ?? projects[0];
  return <Frame project={project?.key ?? null} live={false} />;
}
