/** The time machine: what a context is answered, or was at a past revision, and how that came about. */
import type { Environment, Flag } from '@yardarm/contract';
import { useState } from 'react';
import { ContextField } from '../../../components/context-field.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { BareInput } from '../../../components/ui/field.tsx';
import { InlineError } from '../../../components/ui/notice.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { parseObject } from '../../../lib/parse-object.ts';
import { useEvaluateFlag } from '../api/evaluate-flag.ts';
import { TraceView } from './trace-view.tsx';

export interface EvaluateCardProps {
  readonly project: string;
  readonly flag: Flag;
  readonly environments: readonly Environment[];
}

const EXAMPLE = '{ "targetingKey": "user-1" }';

export function EvaluateCard({ project, flag, environments }: EvaluateCardProps) {
  const [environment, setEnvironment] = useState(environments.at(-1)?.key ?? '');
  const [context, setContext] = useState(EXAMPLE);
  const [revision, setRevision] = useState('');
  const evaluating = useEvaluateFlag(project);
  const parsed = parseObject(context);
  const trace = evaluating.data?.evaluations[0];
  const newest = environments.find(({ key }) => key === environment)?.revision ?? 0;
  const isRevision = revision === '' || /^\d{1,9}$/.test(revision);
  return (
    <Card title="Evaluate">
      <form
        className="space-y-3 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (parsed === null || !isRevision) return;
          const input = { flag: flag.key, context: parsed, ...(revision !== '' && { revision: Number(revision) }) };
          evaluating.mutate({ environment, input });
        }}
      >
        <div className="flex flex-wrap items-center gap-2">
          <Select
            label="Environment to evaluate in"
            value={environment}
            options={environments.map(({ key, name }) => ({ value: key, label: name }))}
            onChange={setEnvironment}
          />
          <BareInput
            aria-label="Revision"
            inputMode="numeric"
            placeholder={`newest revision, ${newest}`}
            value={revision}
            aria-invalid={isRevision ? undefined : true}
            className="max-w-44"
            onChange={(event) => setRevision(event.target.value.trim())}
          />
        </div>
        <ContextField text={context} valid={parsed !== null} rows={3} onText={setContext} />
        <Button type="submit" pending={evaluating.isPending} disabled={parsed === null || !isRevision}>
          Evaluate
        </Button>
        {evaluating.error && <InlineError message={toSentence(evaluating.error)} />}
        {trace && <TraceView trace={trace} note={`revision ${evaluating.data?.revision}`} />}
      </form>
    </Card>
  );
}
