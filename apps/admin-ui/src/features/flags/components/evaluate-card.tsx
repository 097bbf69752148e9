/** The time machine: what a context is answered, or was at a past revision, and how that came about. */
import type { Environment, Flag } from '@yardarm/contract';
import { useId, useState } from 'react';
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
  const id = useId();
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
        <div>
          <label htmlFor={id} className="mb-1 block font-medium text-sm">
            Context
          </label>
          <textarea
            id={id}
            rows={3}
            spellCheck={false}
            value={context}
            aria-invalid={parsed === null ? true : undefined}
            className="w-full rounded-md border border-line-strong bg-surface p-2.5 font-mono text-xs shadow-card aria-invalid:border-bad"
            onChange={(event) => setContext(event.target.value)}
          />
          {parsed === null && <p className="mt-1 text-bad text-xs">This is not a JSON object yet.</p>}
        </div>
        <Button type="submit" pending={evaluating.isPending} disabled={parsed === null || !isRevision}>
          Evaluate
        </Button>
        {evaluating.error && <InlineError message={toSentence(evaluating.error)} />}
        {trace && <TraceView trace={trace} note={`revision ${evaluating.data?.revision}`} />}
      </form>
    </Card>
  );
}
