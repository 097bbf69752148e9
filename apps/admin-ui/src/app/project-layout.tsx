/** The frame of every page of a project: navigation, who is signed in, and the live connection behind it all. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useRefreshFlags } from '../features/flags/api/refresh-flags.ts';
import { LiveStatusContext } from '../features/live/live-status.ts';
import { useProjectStream } from '../features/live/use-project-stream.ts';
import { sessionQuery } from '../features/session/api/get-session.ts';
import { storeLastProject } from '../lib/last-project.ts';
import { RightsContext } from '../lib/rights.ts';
import { CommandKeys } from './command-keys.tsx';
import { Frame } from './frame.tsx';
import { useAnnounceChanges } from './use-announce-changes.ts';

const NONE: readonly never[] = [];

export function ProjectLayout() {
  const { project } = useParams({ from: '/projects/$project' });
  const announce = useAnnounceChanges(project);
  const refreshFlag = useRefreshFlags(project);
  const status = useProjectStream(project, {
    onChange: ({ kind, key }) => kind === 'flag' && refreshFlag(key),
    onForeignChange: announce,
  });
  const { data: session } = useQuery(sessionQuery());
  useEffect(() => storeLastProject(project), [project]);
  return (
    <RightsContext value={session?.grants ?? NONE}>
      <LiveStatusContext value={status}>
        <Frame project={project} live />
        <CommandKeys project={project} />
      </LiveStatusContext>
    </RightsContext>
  );
}
