/** What a context would be answered if this edit were published: worked out in the page, by the evaluator that applications run. */
import type { Flag } from '@yardarm/contract';
import { compile, explain, type FlagType } from '@yardarm/evaluator';
import { useMemo, useState } from 'react';
import { ContextField } from '../../../../components/context-field.tsx';
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
  const [text, setText] = useState('{ "targetingKey": "user-1" }');
  const context = useMemo(() => parseObject(text), [text]);
  const trace = useMemo(() => {
    if (context === null) return null;
    return explain(compile(draftRuleSet(flag, now, surroundings)), flag.key, flag.type as FlagType, context, Date.now());
  }, [flag, now, surroundings, context]);
  return (
    <Card title="Try it">
      <div className="space-y-3 p-4">
        <ContextField
          text={text}
          valid={context !== null}
          rows={4}
          hint="Evaluated in this page, with your edit and as if the flag were on."
          onText={setText}
        />
        {trace && <TraceView trace={trace} />}
      </div>
    </Card>
  );
}
