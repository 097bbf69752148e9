/** Keys that work on every page of a project: the command palette, and the list of keys. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Dialog } from '../components/ui/dialog.tsx';
import { environmentsQuery } from '../features/environments/api/get-environments.ts';
import { isTyping } from '../lib/is-typing.ts';
import type { Command } from './find-commands.ts';
import { SwitchedBar } from './switched-bar.tsx';
import { useListSwitch } from './use-list-switch.ts';

const loadPalette = () => import('./command-palette.tsx');
const CommandPalette = lazy(loadPalette);
/** Once the page is there: what is typed before the palette is, would go to the page. */
const LOAD_PALETTE_AFTER_MS = 1_000;

const KEYS = [
  ['Ctrl K or ⌘ K', 'Go to anything, or do it: flags, pages, kills'],
  ['/', 'Search the list of flags'],
  ['?', 'This list'],
  ['Esc', 'Close what is open'],
] as const;

export function CommandKeys({ project }: { readonly project: string }) {
  const [open, setOpen] = useState<'palette' | 'keys' | null>(null);
  const navigate = useNavigate();
  const { data: environments = [] } = useQuery(environmentsQuery(project));
  const { switchFlag, switched, dismiss } = useListSwitch(project);

  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOpen('palette');
      } else if (event.key === '?' && !isTyping(event.target)) setOpen('keys');
    };
    document.addEventListener('keydown', hear);
    const loading = setTimeout(loadPalette, LOAD_PALETTE_AFTER_MS);
    return () => {
      document.removeEventListener('keydown', hear);
      clearTimeout(loading);
    };
  }, []);

  const run = (command: Command) => {
    switch (command.do) {
      case 'page':
        if (command.page === 'people' || command.page === 'tokens') return navigate({ to: `/${command.page}` });
        return navigate({ to: `/projects/$project/${command.page}`, params: { project } });
      case 'project':
        return navigate({ to: '/projects/$project/flags', params: { project: command.project } });
      case 'kill':
        return switchFlag({ key: command.flag, environment: command.environment.key, on: false });
      case 'unkill':
        // A protected environment asks for a reason, which the flag's page does.
        if (!command.environment.protected)
          return switchFlag({ key: command.flag, environment: command.environment.key, on: true });
        return navigate({ to: '/projects/$project/flags/$flag', params: { project, flag: command.flag } });
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
