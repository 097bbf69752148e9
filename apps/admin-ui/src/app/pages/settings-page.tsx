/** What belongs to a project as a whole: its name and defaults, its environments, the attributes of its contexts. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Locked } from '../../components/locked.tsx';
import { Button } from '../../components/ui/button.tsx';
import { PlusIcon } from '../../components/ui/icons.tsx';
import { ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { attributesQuery } from '../../features/attributes/api/get-attributes.ts';
import { AttributesCard } from '../../features/attributes/components/attributes-card.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { EnvironmentsCard } from '../../features/environments/components/environments-card.tsx';
import { projectsQuery } from '../../features/projects/api/get-projects.ts';
import { NewProjectDialog } from '../../features/projects/components/new-project-dialog.tsx';
import { ProjectCard } from '../../features/projects/components/project-card.tsx';
import { sessionQuery } from '../../features/session/api/get-session.ts';
import { administers } from '../../lib/administers.ts';
import { toSentence } from '../../lib/api-client.ts';
import { actionLock, useMay } from '../../lib/rights.ts';

export default function SettingsPage() {
  const { project: key } = useParams({ from: '/projects/$project/settings' });
  const navigate = useNavigate();
  const projects = useQuery(projectsQuery());
  const environments = useQuery(environmentsQuery(key));
  const attributes = useQuery(attributesQuery(key));
  const { data: session } = useQuery(sessionQuery());
  const [creating, setCreating] = useState(false);
  const project = projects.data?.find((one) => one.key === key);
  const may = useMay(key);
  const locked = actionLock(may, 'project.update', 'change the settings of this project');
  const all = [projects, environments, attributes];
  const error = all.map((query) => query.error).find((cause) => cause !== null);
  return (
    <Page
      title="Settings"
      description="Of this project. Every change is in its history."
      actions={
        session &&
        administers(session.grants, null) && (
          <Button onClick={() => setCreating(true)}>
            <PlusIcon /> New project
          </Button>
        )
      }
    >
      {project && environments.data && attributes.data ? (
        <Locked why={locked}>
          <div className="grid items-start gap-4 *:min-w-0 xl:grid-cols-2">
            <div className="space-y-4">
              <ProjectCard key={key} project={project} />
              <EnvironmentsCard project={key} environments={environments.data} />
            </div>
            <AttributesCard project={key} attributes={attributes.data} />
          </div>
        </Locked>
      ) : error ? (
        <ErrorState message={toSentence(error)} onRetry={() => void Promise.all(all.map((query) => query.refetch()))} />
      ) : (
        <SkeletonRows rows={6} label="Loading settings" />
      )}
      {creating && (
        <NewProjectDialog
          onClose={() => setCreating(false)}
          onCreated={(made) => {
            setCreating(false);
            void navigate({ to: '/projects/$project/settings', params: { project: made.key } });
          }}
        />
      )}
    </Page>
  );
}
