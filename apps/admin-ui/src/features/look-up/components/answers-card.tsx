/** The answers of every flag to one context; each opens to the way that led to it. Draws only what is in sight. */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useDeferredValue, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { BareInput } from '../../../components/ui/field.tsx';
import { ChevronRightIcon } from '../../../components/ui/icons.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { counted, grouped } from '../../../lib/counted.ts';
import { REASONS } from '../../../lib/reasons.ts';
import { type AnswerFilter, countReasons, filterAnswers } from '../answers.ts';
import type { Answer } from '../api/look-up.ts';

/** Of a row that is not open. */
const ROW_PX = 41;
const OVERSCAN = 8;

export interface AnswersCardProps {
  readonly answers: readonly Answer[];
  /** What was asked: `revision 41 of Production`. */
  readonly title: string;
  readonly actions: ReactNode;
  readonly flagLink: (flag: string) => ReactNode;
  /** The way to one of the answers, once it is asked for. */
  readonly trace: (flag: string) => ReactNode;
}

export function AnswersCard({ answers, title, actions, flagLink, trace }: AnswersCardProps) {
  const [filter, setFilter] = useState<AnswerFilter>({ q: '', reason: '' });
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const deferred = useDeferredValue(filter);
  const shown = useMemo(() => filterAnswers(answers, deferred), [answers, deferred]);
  const reasons = useMemo(() => countReasons(answers), [answers]);
  const list = useRef<HTMLUListElement>(null);
  const [topPx, setTopPx] = useState(0);
  useLayoutEffect(() => setTopPx((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const virtualizer = useWindowVirtualizer({
    count: shown.length,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    scrollMargin: topPx,
    getItemKey: (index) => shown[index]?.flag ?? index,
  });
  const toggle = (flag: string, index: number) => {
    // What is open is measured; closed rows are all as high.
    if (open.has(flag)) virtualizer.resizeItem(index, ROW_PX);
    setOpen((before) => (before.has(flag) ? new Set([...before].filter((one) => one !== flag)) : new Set(before).add(flag)));
  };
  return (
    <Card title={title} actions={actions}>
      <search className="flex flex-wrap items-center gap-2 border-line border-b p-3">
        <BareInput
          type="search"
          aria-label="Search answers"
          placeholder="Flag, variant or value"
          className="min-w-48 flex-1 sm:max-w-80"
          value={filter.q}
          onChange={(event) => setFilter({ ...filter, q: event.target.value })}
        />
        <Select
          label="Reason"
          value={filter.reason}
          highlighted={filter.reason !== ''}
          options={[
            { value: '', label: 'Every reason' },
            ...reasons.map(({ reason, n }) => ({ value: reason, label: `${REASONS[reason]?.label ?? reason}: ${n}` })),
          ]}
          onChange={(reason) => setFilter({ ...filter, reason })}
        />
        <span role="status" className="ml-auto text-ink-faint text-xs tabular-nums" data-testid="answers">
          {shown.length < answers.length && `${grouped(shown.length)} of `}
          {counted(answers.length, 'flag')}
        </span>
      </search>
      <ul ref={list} className="relative" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const answer = shown[index];
          return (
            answer && (
              <li
                key={key}
                ref={open.has(answer.flag) ? virtualizer.measureElement : undefined}
                data-index={index}
                className="absolute inset-x-0 top-0 border-line border-b"
                style={{ transform: `translateY(${start - topPx}px)` }}
              >
                <AnswerRow
                  answer={answer}
                  isOpen={open.has(answer.flag)}
                  onToggle={() => toggle(answer.flag, index)}
                  flagLink={flagLink}
                />
                {open.has(answer.flag) && <div className="px-4 pb-3 pl-11">{trace(answer.flag)}</div>}
              </li>
            )
          );
        })}
      </ul>
      {shown.length === 0 && <p className="px-4 py-10 text-center text-ink-faint text-sm">No answer is like that.</p>}
    </Card>
  );
}

interface AnswerRowProps {
  readonly answer: Answer;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  readonly flagLink: (flag: string) => ReactNode;
}

function AnswerRow({ answer: { flag, resolution }, isOpen, onToggle, flagLink }: AnswerRowProps) {
  const { reason, errorCode, variant, value } = resolution;
  const words = REASONS[reason];
  const isPlain = typeof value === 'boolean' && String(value) === { on: 'true', off: 'false' }[variant ?? ''];
  return (
    <div className="flex h-10 items-center gap-2 px-3 hover:bg-hover">
      <button
        type="button"
        aria-expanded={isOpen}
        aria-label={`Why ${flag} answers this`}
        onClick={onToggle}
        className="flex size-7 shrink-0 items-center justify-center rounded-md text-ink-faint hover:bg-hover hover:text-ink"
      >
        <ChevronRightIcon className={classNames('size-4 transition-transform duration-100', isOpen && 'rotate-90')} />
      </button>
      <span className="min-w-0 flex-1 truncate text-sm">{flagLink(flag)}</span>
      <span className="flex min-w-0 max-w-[45%] items-center gap-2">
        {!isPlain && value !== undefined && (
          <code className="min-w-0 truncate text-ink-faint text-xs max-sm:hidden" title={JSON.stringify(value)}>
            {JSON.stringify(value)}
          </code>
        )}
        <span
          className="min-w-0 truncate rounded border border-line bg-sunken px-1.5 font-medium font-mono text-xs leading-5"
          title={variant}
        >
          {variant ?? 'code default'}
        </span>
      </span>
      <span className="flex w-28 shrink-0 justify-end max-sm:w-auto">
        <Badge tone={words?.tone ?? 'neutral'}>
          {errorCode ? errorCode.toLowerCase().replaceAll('_', ' ') : (words?.label ?? reason)}
        </Badge>
      </span>
    </div>
  );
}
