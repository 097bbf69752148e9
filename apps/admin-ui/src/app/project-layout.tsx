/** The frame of every page of a project: navigation, who is signed in, and the live connection behind it all. */
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useRefreshFlags } from '../features/flags/api/refresh-flags.ts';
import { LiveStatusContext } from '../features/live/live-status.ts';
import { useProjectStream } from '../features/live/use-project-stream.ts';
import { storeLastProject } from '../lib/last-project.ts';
import { CommandKeys } from './command-keys.tsx';
import { Frame } from './frame.tsx';
import { useAnnounceChanges } from './use-announce-changes.ts';

export function ProjectLayout() {
  const { project } = useParams({ from: '/projects/$project' });
  const announce = useAnnounceChanges(project);
  const refreshFlag = useRefreshFlags(project);
  const status = useProjectStream(project, {
    onChange: ({ kind, key }) => kind === 'flag' && refreshFlag(key),
    onForeignChange: announce,
  });
  useEffect(() => storeLastProject(project), [project]);
  return (
    <LiveStatusContext value={status}>
      <Frame project={project} live />
      <CommandKeys project={project} />
    </LiveStatusContext>
  );
}
