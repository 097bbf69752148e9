/** Keys that work on every page of a project: the command palette, and the list of keys. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Environment } from '@yardarm/contract';
import { lazy, Suspense, useEffect, useState } from 'react';
import { ProtectedDialog } from '../components/protected-dialog.tsx';
import { Dialog } from '../components/ui/dialog.tsx';
import { environmentsQuery } from '../features/environments/api/get-environments.ts';
import { hasModifier, isDialogOpen, isTyping } from '../lib/is-typing.ts';
import { useMay } from '../lib/rights.ts';
import { type Command, isOfInstance } from './find-commands.ts';
import { SwitchedBar } from './switched-bar.tsx';
import { useChosenEnvironment } from './use-environment.ts';
import { useListSwitch } from './use-list-switch.ts';

const loadPalette = () => import('./command-palette.tsx');
const CommandPalette = lazy(loadPalette);
/** Once the page is there: what is typed before the palette is, would go to the page. */
const LOAD_PALETTE_AFTER_MS = 1_000;

const NewFlagDialog = lazy(() => import('../features/flags/components/new-flag-dialog.tsx'));

const KEYS = [
  ['Ctrl K or ⌘ K', 'Go to anything, or do it: flags, pages, kills, another environment'],
  ['c', 'New flag'],
  ['/', 'Search the list of flags'],
  ['j and k', 'The next flag of the list, and the one before'],
  ['x', 'Select the flag, Shift X all up to it'],
  ['?', 'This list'],
  ['Esc', 'Close what is open'],
] as const;

export function CommandKeys({ project }: { readonly project: string }) {
  const [open, setOpen] = useState<'palette' | 'keys' | 'create' | null>(null);
  const navigate = useNavigate();
  const { data: environments = [] } = useQuery(environmentsQuery(project));
  const { switchFlag, switched, dismiss } = useListSwitch(project);
  const [asking, setAsking] = useState<{ readonly flag: string; readonly environment: Environment } | null>(null);
  const [, switchTo] = useChosenEnvironment();
  const mayCreate = useMay(project)('flag.create');

  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOpen('palette');
        return;
      }
      // With a dialog open, keys are its own.
      if (isTyping(event.target) || hasModifier(event) || isDialogOpen()) return;
      if (event.key === '?') setOpen('keys');
      else if (event.key === 'c' && mayCreate) {
        event.preventDefault();
        setOpen('create');
      }
    };
    document.addEventListener('keydown', hear);
    const loading = setTimeout(loadPalette, LOAD_PALETTE_AFTER_MS);
    return () => {
      document.removeEventListener('keydown', hear);
      clearTimeout(loading);
    };
  }, [mayCreate]);

  const run = (command: Command) => {
    switch (command.do) {
      case 'page':
        if (isOfInstance(command.page)) return navigate({ to: `/${command.page}` });
        return navigate({ to: `/projects/$project/${command.page}`, params: { project } });
      case 'project':
        return navigate({
          to: '/projects/$project/flags',
          params: { project: command.project },
          search: { environment: undefined },
        });
      case 'environment':
        return switchTo(command.environment);
      case 'create':
        return setOpen('create');
      case 'kill':
        return switchFlag({ key: command.flag, environment: command.environment.key, on: false });
      case 'unkill':
        if (command.environment.protected) return setAsking(command);
        return switchFlag({ key: command.flag, environment: command.environment.key, on: true });
      case 'targeting':
        return navigate({
          to: '/projects/$project/flags/$flag/environments/$environment',
          params: { project, flag: command.flag, environment: command.environment.key },
        });
      case 'flag':
        return navigate({ to: '/projects/$project/flags/$flag', params: { project, flag: command.flag } });
    }
  };

  return (
    <>
      {open === 'palette' && (
        <Suspense>
          <CommandPalette project={project} onClose={() => setOpen(null)} onRun={(command) => void run(command)} />
        </Suspense>
      )}
      {open === 'create' && (
        <Suspense>
          <NewFlagDialog
            project={project}
            open
            onClose={() => setOpen(null)}
            onCreated={({ key }) => {
              setOpen(null);
              void navigate({ to: '/projects/$project/flags/$flag', params: { project, flag: key } });
            }}
          />
        </Suspense>
      )}
      {asking && (
        <ProtectedDialog
          {...asking}
          what="unkill"
          onClose={() => setAsking(null)}
          onConfirm={(reason) => {
            setAsking(null);
            void switchFlag({ key: asking.flag, environment: asking.environment.key, on: true, reason });
          }}
        />
      )}
      <Dialog open={open === 'keys'} onClose={() => setOpen(null)} title="Keys">
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 px-5 pt-3 pb-5 text-sm">
          {KEYS.map(([key, about]) => (
            <div key={key} className="contents">
              <dt>
                <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs">{key}</kbd>
              </dt>
              <dd>{about}</dd>
            </div>
          ))}
        </dl>
      </Dialog>
      {switched && (
        <SwitchedBar project={project} switched={switched} environments={environments} onUndo={switchFlag} onDismiss={dismiss} />
      )}
    </>
  );
}
