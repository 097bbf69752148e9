/** Whether flagd decides a flag too, in one environment, and if not, why. */
import { useQuery } from '@tanstack/react-query';
import type { Environment } from '@yardarm/contract';
import { Badge } from '../../../components/ui/badge.tsx';
import { portabilityQuery } from '../api/get-portability.ts';
import { obstacleWords } from '../obstacle-words.ts';

export interface PortabilityMarkProps {
  readonly project: string;
  readonly flag: string;
  readonly environment: Environment;
}

/** Nothing while that is not known. */
export function PortabilityMark({ project, flag, environment: { key, name } }: PortabilityMarkProps) {
  const { data } = useQuery(portabilityQuery(project, key));
  if (data === undefined) return null;
  const obstacles = Object.hasOwn(data.obstacles, flag) ? (data.obstacles[flag] ?? []) : [];
  const isPortable = obstacles.length === 0;
  const title = isPortable
    ? `Providers of flagd decide it in ${name} as Yardarm does`
    : `Providers of flagd do not get it in ${name}`;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1.5 gap-y-1" data-testid="portability">
      <Badge title={title}>{isPortable ? 'portable' : 'own SDK and OFREP only'}</Badge>
      {!isPortable && (
        <span className="text-ink-faint text-xs">
          {name} has {obstacleWords(obstacles).join('; ')}
        </span>
      )}
    </span>
  );
}
