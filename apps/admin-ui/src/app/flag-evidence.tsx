/** The lower half of a flag's page: what is known of its use, who changed it, and what it answers. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Environment, Flag } from '@yardarm/contract';
import { EnvironmentName } from '../components/environment-name.tsx';
import { Card } from '../components/ui/card.tsx';
import { CodeReferencesCard } from '../features/code-references/components/code-references-card.tsx';
import { lastEvaluatedQuery } from '../features/evaluations/api/get-last-evaluated.ts';
import { EvaluatedLine } from '../features/evaluations/components/evaluated-line.tsx';
import { EvaluationsCard } from '../features/evaluations/components/evaluations-card.tsx';
import { evaluatedIn } from '../features/evaluations/last-evaluated.ts';
import { EvaluateCard } from '../features/flags/components/evaluate-card.tsx';
import { VariantsCard } from '../features/flags/components/variants-card.tsx';
import { HygieneBox } from '../features/hygiene/components/hygiene-box.tsx';
import { ChangeHistory } from './change-history.tsx';
import { shownEnvironment, useChosenEnvironment } from './use-environment.ts';

/** As many as fit beside the variants; older ones are a click away. */
export const RECENT_CHANGES = 12;

export interface FlagEvidenceProps {
  readonly project: string;
  readonly flag: Flag;
  readonly environments: readonly Environment[];
  /** Undefined: the reader may not. */
  readonly onEditVariants: (() => void) | undefined;
}

export function FlagEvidence({ project, flag, environments, onEditVariants }: FlagEvidenceProps) {
  const [chosen] = useChosenEnvironment();
  const evaluations = useQuery(lastEvaluatedQuery(project));
  const environment = shownEnvironment(environments, chosen);
  return (
    <div className="mt-4 grid items-start gap-4 *:min-w-0 lg:grid-cols-[3fr_2fr]">
      <div className="space-y-4">
        <EvaluationsCard
          project={project}
          flag={flag}
          environment={environment?.key}
          environmentName={environment && <EnvironmentName environment={environment} />}
        />
        <CodeReferencesCard project={project} flag={flag.key} />
        <Card
          title="History"
          actions={
            <Link
              to="/projects/$project/changes"
              params={{ project }}
              search={{ flag: flag.key, environment: undefined }}
              className="rounded text-accent text-xs hover:underline"
            >
              All changes
            </Link>
          }
        >
          <ChangeHistory project={project} filter={{ flag: flag.key }} pageSize={RECENT_CHANGES} compact />
        </Card>
      </div>
      <div className="space-y-4">
        <HygieneBox
          project={project}
          flag={flag}
          evaluated={
            evaluations.data &&
            environment && (
              <EvaluatedLine
                evaluated={evaluatedIn(evaluations.data, flag.key, environment.key)}
                coverage={evaluations.data.coverage.find((one) => one.environment === environment.key)}
                environmentName={environment.name}
              />
            )
          }
          environmentName={(key) => {
            const named = environments.find((one) => one.key === key);
            return named ? <EnvironmentName environment={named} /> : key;
          }}
          flagLink={(other) => (
            <Link
              to="/projects/$project/flags/$flag"
              params={{ project, flag: other }}
              className="rounded font-medium text-ink underline underline-offset-3"
            >
              {other}
            </Link>
          )}
        />
        <VariantsCard flag={flag} onEdit={onEditVariants} />
        <EvaluateCard project={project} flag={flag} environments={environments} />
      </div>
    </div>
  );
}
