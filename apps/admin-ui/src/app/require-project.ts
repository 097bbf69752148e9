import type { QueryClient } from '@tanstack/react-query';
import { notFound } from '@tanstack/react-router';
import { projectsQuery } from '../features/projects/api/get-projects.ts';

/** Throws the router's `notFound` where there is no project of this key; its data is the sentence to show. */
export async function requireProject(queryClient: QueryClient, key: string): Promise<void> {
  const isKey = (project: { readonly key: string }) => project.key === key;
  if ((await queryClient.ensureQueryData(projectsQuery())).some(isKey)) return;
  // It may have been made since the list was fetched.
  if ((await queryClient.fetchQuery({ ...projectsQuery(), staleTime: 0 })).some(isKey)) return;
  throw notFound({ data: `There is no project '${key}'` });
}
