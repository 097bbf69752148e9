/**
 * The answer to "did it land?": follows the receipts of an environment after a change, as the stream of the project tells
 * them or, without it, by asking, until every connected instance has answered or patience ends. Then it stands still
 * and says how it ended.
 */
import { useQuery } from '@tanstack/react-query';
import type { Receipts } from '@yardarm/contract';
import { useEffect, useState } from 'react';
import { BrowserIcon, CheckIcon, CloseIcon, ServerIcon, WarningIcon } from '../../../components/ui/icons.tsx';
import { Spinner } from '../../../components/ui/spinner.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { receiptsQuery } from '../api/get-receipts.ts';
import { type Departures, missingSentence, watchDepartures } from '../departures.ts';
import {
  browserReceiptSentence,
  isSettled,
  pollingSentence,
  receiptStateOf,
  serverReceiptSentence,
  unansweredSentence,
} from '../receipt-sentence.ts';
import { BehindList } from './behind-list.tsx';

/** Without a stream. Receipts of a healthy fleet are in within 100 ms: fast at first, so that the number is seen to move. */
const FAST_POLL_MS = 250;
const SLOW_POLL_MS = 1_500;
const FAST_FOR_MS = 3_000;
/** Beside a stream, for a message that got lost. */
const LIVE_POLL_MS = 5_000;
const PATIENCE_MS = 20_000;
/** Whoever has not answered by then has a reason worth looking for. */
const BEHIND_AFTER_MS = 2_000;

export interface ReceiptBarProps {
  readonly project: string;
  readonly environment: string;
  /** Revision of the change: receipts of an older one say nothing of it. */
  readonly revision: number;
  /** When the change was committed, as far as this page knows. */
  readonly sinceMs: number;
  /** The stream of the project is open, and tells receipts. */
  readonly live: boolean;
  readonly onDismiss: () => void;
}

export function ReceiptBar({ project, environment, revision, sinceMs, live, onDismiss }: ReceiptBarProps) {
  const impatient = useReached(sinceMs + PATIENCE_MS);
  const overdue = useReached(sinceMs + BEHIND_AFTER_MS);
  const [departures, setDepartures] = useState<Departures>({ revision, seen: undefined, missing: 0 });
  const { data, isError } = useQuery({
    ...receiptsQuery(project, environment),
    refetchInterval: ({ state }) =>
      pollDelayMs(state.data, { revision, ageMs: Date.now() - sinceMs, live, missed: departures.missing > 0 }),
    retry: false,
  });

  const known = data && data.revision >= revision ? data : undefined;
  const departuresNow = watchDepartures(departures, revision, known);
  if (departuresNow !== departures) setDepartures(departuresNow);
  const missing = missingSentence(departuresNow);
  const settled = known !== undefined && isSettled(known, revision);
  const tone = toneOf(known, settled, impatient || isError, missing !== null);
  const browsers = known && browserReceiptSentence(known);
  const unanswered = impatient && known && !settled && unansweredSentence(known);
  const polling = known && pollingSentence(known);
  return (
    <div
      role="status"
      data-testid={`receipt-${environment}`}
      data-settled={settled}
      className={classNames('relative overflow-hidden rounded-md border px-3 pt-2 pb-2.5 text-sm', TONES[tone])}
    >
      <div className="flex items-start gap-2">
        <span className="mt-0.5">
          {tone === 'good' && <CheckIcon />}
          {tone === 'busy' && <Spinner className="size-4" />}
          {(tone === 'warn' || tone === 'bad') && <WarningIcon />}
          {tone === 'quiet' && <ServerIcon />}
        </span>
        <div className="min-w-0 flex-1 text-ink tabular-nums">
          <p>{sentenceOf(known, isError)}</p>
          {browsers && (
            <p className="text-ink-soft">
              <BrowserIcon className="mr-1.5 inline-block size-3.5 align-[-0.125rem]" />
              {browsers}
            </p>
          )}
          {polling && <p className="text-ink-soft">{polling}</p>}
          {missing && <p className="text-ink-soft">{missing}</p>}
          {unanswered && <p className="text-ink-soft">{unanswered}</p>}
          {known && !known.replicas.complete && (
            <p className="text-ink-soft">Not every server has been heard; the numbers may be off.</p>
          )}
          {known && overdue && <BehindList receipts={known} />}
        </div>
        <button
          type="button"
          aria-label="Dismiss receipts"
          onClick={onDismiss}
          className="-my-1 -mr-1.5 flex size-7 shrink-0 items-center justify-center rounded-md text-ink-faint hover:text-ink"
        >
          <CloseIcon className="size-3.5" />
        </button>
      </div>
      {known && known.server.connected > 0 && <Progress counts={known.server} />}
    </div>
  );
}

/** How many run it, and behind them how many have refused it. */
function Progress({ counts: { applied, rejected, connected } }: { readonly counts: Receipts['server'] }) {
  return (
    <div aria-hidden="true" className="absolute inset-x-0 bottom-0 h-1 bg-current/15">
      <div
        className="absolute inset-0 origin-left bg-bad transition-transform duration-200"
        style={{ transform: `scaleX(${(applied + rejected) / connected})` }}
      />
      <div
        className={classNames(
          'absolute inset-0 origin-left transition-transform duration-200',
          rejected > 0 ? 'bg-good' : 'bg-current',
        )}
        style={{ transform: `scaleX(${applied / connected})` }}
      />
    </div>
  );
}

/** Whether the clock has reached `atMs`; false again when that moves on. */
function useReached(atMs: number): boolean {
  const [reachedMs, setReachedMs] = useState<number | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setReachedMs(atMs), atMs - Date.now());
    return () => clearTimeout(timer);
  }, [atMs]);
  return reachedMs === atMs;
}

const TONES = {
  good: 'border-good/30 bg-good-soft text-good',
  busy: 'border-accent/30 bg-accent-soft text-accent',
  warn: 'border-warn/30 bg-warn-soft text-warn',
  bad: 'border-bad/30 bg-bad-soft text-bad',
  quiet: 'border-line bg-sunken text-ink-faint',
};

function toneOf(receipts: Receipts | undefined, settled: boolean, late: boolean, missed: boolean): keyof typeof TONES {
  if (!receipts || !settled) return late ? 'warn' : 'busy';
  const states = [receiptStateOf(receipts.server), receiptStateOf(receipts.client)];
  if (states.includes('rejected')) return 'bad';
  return states.includes('applied') && !missed ? 'good' : 'quiet';
}

function sentenceOf(receipts: Receipts | undefined, failed: boolean): string {
  if (receipts) return serverReceiptSentence(receipts);
  return failed
    ? 'The change is committed, but its receipts cannot be read at the moment.'
    : 'Committed. Waiting for the first receipts…';
}

interface Waiting {
  readonly revision: number;
  readonly ageMs: number;
  readonly live: boolean;
  /** Somebody left without an answer, and may come back. */
  readonly missed: boolean;
}

/**
 * A stream tells what moves. Without one: three seconds of fast polling even
 * when everything has answered, since an instance may be about to come back.
 */
function pollDelayMs(receipts: Receipts | undefined, { revision, ageMs, live, missed }: Waiting): number | false {
  if (!live && ageMs < FAST_FOR_MS) return FAST_POLL_MS;
  if (ageMs > PATIENCE_MS || (receipts && !missed && isSettled(receipts, revision))) return false;
  return live ? LIVE_POLL_MS : SLOW_POLL_MS;
}
