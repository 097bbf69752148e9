/** Everything by name: type what is wanted, choose with the arrows, press Enter. */
import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useState } from 'react';
import { Dialog } from '../components/ui/dialog.tsx';
import { environmentsQuery } from '../features/environments/api/get-environments.ts';
import { flagsQuery } from '../features/flags/api/get-flags.ts';
import { projectsQuery } from '../features/projects/api/get-projects.ts';
import { classNames } from '../lib/class-names.ts';
import { switchLock, useMay } from '../lib/rights.ts';
import { type Command, findCommands } from './find-commands.ts';
import { useChosenEnvironment } from './use-environment.ts';

export interface CommandPaletteProps {
  readonly project: string;
  readonly onClose: () => void;
  readonly onRun: (command: Command) => void;
}

export default function CommandPalette({ project, onClose, onRun }: CommandPaletteProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const { data: flags = [] } = useQuery(flagsQuery(project));
  const { data: environments = [] } = useQuery(environmentsQuery(project));
  const { data: projects = [] } = useQuery(projectsQuery());
  const [environment] = useChosenEnvironment();
  const may = useMay(project);
  const commands = useMemo(
    () =>
      findCommands(typed, {
        flags,
        environments,
        chosen: environment,
        projects: projects.filter(({ key }) => key !== project),
        mayCreate: may('flag.create'),
        isLocked: (environment, on) => switchLock(may, environment, on) !== undefined,
      }),
    [typed, flags, environments, environment, projects, project, may],
  );
  const chosen = Math.min(active, commands.length - 1);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    onRun(command);
  };
  return (
    <Dialog open onClose={onClose} title="Go to, or do" description="For example: kill checkout production">
      <div className="px-5 pt-3 pb-5">
        <input
          autoFocus
          role="combobox"
          aria-label="Command"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder="Flag, page, kill, on, edit…"
          className="h-10 w-full rounded-md border border-line-strong bg-surface px-3 shadow-card placeholder:text-ink-faint"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step !== undefined && commands.length > 0) {
              event.preventDefault();
              setActive((chosen + step + commands.length) % commands.length);
            } else if (event.key === 'Enter') {
              event.preventDefault();
              run(commands[chosen]);
            }
          }}
        />
        <div id={id} role="listbox" aria-label="Commands" className="mt-2 max-h-[50vh] overflow-y-auto">
          {commands.map((command, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are heard where they are typed, in the field above
            <div
              key={command.title}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              ref={(element) => {
                if (index === chosen) element?.scrollIntoView({ block: 'nearest' });
              }}
              className={classNames(
                'cursor-pointer truncate rounded-md px-3 py-1.5 text-sm',
                index === chosen && 'bg-accent-soft',
                command.do === 'kill' && 'font-medium text-bad',
              )}
              onPointerMove={() => setActive(index)}
              onClick={() => run(command)}
            >
              {command.title}
            </div>
          ))}
          {commands.length === 0 && (
            <p className="px-3 py-6 text-center text-ink-faint text-sm">
              Nothing is called that. Name a page or a flag; a verb needs its flag, as in “kill checkout”.
            </p>
          )}
        </div>
      </div>
    </Dialog>
  );
}
