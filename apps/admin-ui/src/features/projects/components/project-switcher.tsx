import type { Project } from '@yardarm/contract';
import { Select } from '../../../components/ui/select.tsx';

export interface ProjectSwitcherProps {
  readonly projects: readonly Project[];
  readonly current: string;
  readonly onSwitch: (project: string) => void;
}

export function ProjectSwitcher({ projects, current, onSwitch }: ProjectSwitcherProps) {
  const options = projects.map(({ key, name }) => ({ value: key, label: name }));
  return <Select label="Project" value={current} options={options} onChange={onSwitch} className="h-9 w-full font-medium" />;
}
