/** What a context would be answered if this edit were published: worked out in the page, by the evaluator that applications run. */
import type { Flag } from '@yardarm/contract';
import { compile, explain, type FlagType } from '@yardarm/evaluator';
import { useId, useMemo, useState } from 'react';
import { Card } from '../../../../components/ui/card.tsx';
import { parseObject } from '../../../../lib/parse-object.ts';
import { draftRuleSet, type Surroundings } from '../../targeting/draft-rule-set.ts';
import type { Targeting } from '../../targeting/targeting.ts';
import { TraceView } from '../trace-view.tsx';

export interface TryCardProps {
  readonly flag: Flag;
  readonly now: Targeting;
  readonly surroundings: Surroundings;
}

export function TryCard({ flag, now, surroundings }: TryCardProps) {
  const id = useId();
  const [text, setText] = useState('{ "targetingKey": "user-1" }');
  const context = parseObject(text);
  const trace = useMemo(() => {
    if (context === null) return null;
    return explain(compile(draftRuleSet(flag, now, surroundings)), flag.key, flag.type as FlagType, context, Date.now());
  }, [flag, now, surroundings, context]);
  return (
    <Card title="Try it">
      <div className="space-y-3 p-4">
        <div>
          <label htmlFor={id} className="mb-1 block font-medium text-sm">
            Context
          </label>
          <textarea
            id={id}
            rows={4}
            spellCheck={false}
            value={text}
            aria-invalid={context === null ? true : undefined}
            className="w-full rounded-md border border-line-strong bg-surface p-2.5 font-mono text-xs shadow-card aria-invalid:border-bad"
            onChange={(event) => setText(event.target.value)}
          />
          <p className={context === null ? 'mt-1 text-bad text-xs' : 'mt-1 text-ink-faint text-xs'}>
            {context === null
              ? 'This is not a JSON object yet.'
              : 'Evaluated in this page, with your edit and as if the flag were on.'}
          </p>
        </div>
        {trace && <TraceView trace={trace} />}
      </div>
    </Card>
  );
}
