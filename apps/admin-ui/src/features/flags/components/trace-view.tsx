/** An answer, and the way to it step by step. */
import type { Trace } from '@yardarm/evaluator';
import { Badge } from '../../../components/ui/badge.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { REASONS } from '../../../lib/reasons.ts';
import { traceLines } from '../trace-lines.ts';

export function TraceView({ trace, note }: { readonly trace: Trace; readonly note?: string }) {
  const { value, variant, reason, errorCode } = trace.resolution;
  return (
    <div className="space-y-2 rounded-md border border-line bg-sunken p-3 text-sm" aria-live="polite" data-testid="evaluation">
      <p className="flex flex-wrap items-center gap-2">
        <span title={reason}>
          <Badge tone={REASONS[reason]?.tone ?? 'neutral'}>{errorCode ?? REASONS[reason]?.label ?? reason}</Badge>
        </span>
        <span className="font-medium">{variant ?? 'the code default'}</span>
        {value !== undefined && <code className="break-all text-xs">{JSON.stringify(value)}</code>}
        {note && <span className="ml-auto text-ink-faint text-xs tabular-nums">{note}</span>}
      </p>
      <ol className="space-y-0.5 text-xs">
        {traceLines(trace).map(({ text, passed, depth }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one trace never move, and two may read alike
          <li key={index} className="flex gap-1.5" style={{ paddingInlineStart: `${depth}rem` }}>
            <span
              aria-hidden="true"
              className={classNames('w-3 shrink-0', passed ? 'text-good' : passed === false ? 'text-bad' : 'text-ink-faint')}
            >
              {passed === null ? '·' : passed ? '✓' : '✗'}
            </span>
            {passed !== null && <span className="sr-only">{passed ? 'passed:' : 'did not pass:'}</span>}
            <span className="min-w-0 break-words">{text}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
