/**
 * The answer to "did it land?": polls the receipts of an environment after a change, until every connected
 * instance has answered or patience ends. Then it stands still and says how it ended.
 */
import { useQuery } from '@tanstack/react-query';
import type { Receipts } from '@yardarm/contract';
import { useEffect, useState } from 'react';
import { BrowserIcon, CheckIcon, CloseIcon, ServerIcon, WarningIcon } from '../../../components/ui/icons.tsx';
import { Spinner } from '../../../components/ui/spinner.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { receiptsQuery } from '../api/get-receipts.ts';
import { browserReceiptSentence, isSettled, receiptStateOf, serverReceiptSentence } from '../receipt-sentence.ts';

/** Receipts of a healthy fleet are in within 100 ms: fast at first, so that the number is seen to move. */
const FAST_POLL_MS = 250;
const SLOW_POLL_MS = 1_500;
const FAST_FOR_MS = 3_000;
const PATIENCE_MS = 20_000;

export interface ReceiptBarProps {
  readonly project: string;
  readonly environment: string;
  /** Revision of the change: receipts of an older one say nothing of it. */
  readonly revision: number;
  /** When the change was committed, as far as this page knows. */
  readonly sinceMs: number;
  readonly onDismiss: () => void;
}

export function ReceiptBar({ project, environment, revision, sinceMs, onDismiss }: ReceiptBarProps) {
  const [impatient, setImpatient] = useState(false);
  const { data, isError } = useQuery({
    ...receiptsQuery(project, environment),
    refetchInterval: ({ state }) => pollDelayMs(state.data, revision, Date.now() - sinceMs),
    retry: false,
  });
  useEffect(() => {
    setImpatient(false);
    const timer = setTimeout(() => setImpatient(true), PATIENCE_MS - (Date.now() - sinceMs));
    return () => clearTimeout(timer);
  }, [sinceMs]);

  const known = data && data.revision >= revision ? data : undefined;
  const settled = known !== undefined && isSettled(known, revision);
  const tone = toneOf(known, settled, impatient || isError);
  const browsers = known && browserReceiptSentence(known);
  return (
    <div
      role="status"
      data-testid={`receipt-${environment}`}
      data-settled={settled}
      className={classNames('relative overflow-hidden rounded-md border px-3 py-2 text-sm', TONES[tone])}
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
          {impatient && known && !settled && (
            <p className="text-ink-soft">The others have not answered yet; they get it as soon as they can.</p>
          )}
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
      {known && known.server.connected > 0 && (
        <div
          aria-hidden="true"
          className="absolute inset-x-0 bottom-0 h-0.5 origin-left bg-current transition-transform duration-200"
          style={{ transform: `scaleX(${known.server.applied / known.server.connected})` }}
        />
      )}
    </div>
  );
}

const TONES = {
  good: 'border-good/30 bg-good-soft text-good',
  busy: 'border-accent/30 bg-accent-soft text-accent',
  warn: 'border-warn/30 bg-warn-soft text-warn',
  bad: 'border-bad/30 bg-bad-soft text-bad',
  quiet: 'border-line bg-sunken text-ink-faint',
};

function toneOf(receipts: Receipts | undefined, settled: boolean, late: boolean): keyof typeof TONES {
  if (!receipts || !settled) return late ? 'warn' : 'busy';
  const states = [receiptStateOf(receipts.server), receiptStateOf(receipts.client)];
  if (states.includes('rejected')) return 'bad';
  return states.includes('applied') ? 'good' : 'quiet';
}

function sentenceOf(receipts: Receipts | undefined, failed: boolean): string {
  if (receipts) return serverReceiptSentence(receipts);
  return failed
    ? 'The change is committed, but its receipts cannot be read at the moment.'
    : 'Committed. Waiting for the first receipts…';
}

/** Three seconds of fast polling even when everything has answered: an instance may be about to come back. */
function pollDelayMs(receipts: Receipts | undefined, revision: number, ageMs: number): number | false {
  if (ageMs < FAST_FOR_MS) return FAST_POLL_MS;
  if (ageMs > PATIENCE_MS || (receipts && isSettled(receipts, revision))) return false;
  return SLOW_POLL_MS;
}
