import { Menu } from '@base-ui/react/menu';
import type { Project } from '@yardarm/contract';
import { CheckIcon, UpDownIcon } from '../../../components/ui/icons.tsx';

export interface ProjectSwitcherProps {
  readonly projects: readonly Project[];
  readonly current: string;
  readonly onSwitch: (project: string) => void;
}

export function ProjectSwitcher({ projects, current, onSwitch }: ProjectSwitcherProps) {
  const name = projects.find(({ key }) => key === current)?.name ?? current;
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger
        aria-label={`Project: ${name}. Switch project`}
        className="flex h-9 w-full min-w-0 items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-left shadow-card hover:bg-hover data-popup-open:bg-hover"
      >
        <span className="min-w-0 flex-1 truncate font-medium text-sm">{name}</span>
        <UpDownIcon className="size-3.5 text-ink-faint" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="start" className="z-60 outline-none">
          <Menu.Popup className="max-h-(--available-height) min-w-(--anchor-width) overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-popup outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            <Menu.RadioGroup value={current} onValueChange={onSwitch}>
              {projects.map((project) => (
                <Menu.RadioItem
                  key={project.key}
                  value={project.key}
                  closeOnClick
                  className="grid cursor-default grid-cols-[1rem_1fr] items-center gap-2 rounded-md py-1.5 pr-4 pl-2 text-sm outline-none select-none data-highlighted:bg-accent-soft"
                >
                  <Menu.RadioItemIndicator className="col-start-1 text-accent">
                    <CheckIcon />
                  </Menu.RadioItemIndicator>
                  <span className="col-start-2">
                    {project.name} <span className="text-ink-faint text-xs">{project.key}</span>
                  </span>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
