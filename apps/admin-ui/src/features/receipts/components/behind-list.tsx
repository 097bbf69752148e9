/** Who has not answered, by app and version, and who could not read what. */
import type { Receipts } from '@yardarm/contract';
import { toClockTime } from '../../../lib/time.ts';
import { type BehindLine, behindLines, refusalLines } from '../receipt-sentence.ts';

/** More would push the page away; the API names 100. */
const MAX_LINES = 4;
const MAX_INSTANCES = 2;
const SHOWN_ID_CHARS = 8;

export function BehindList({ receipts }: { readonly receipts: Receipts }) {
  const behind = behindLines(receipts);
  const refusals = refusalLines(receipts);
  if (behind.length + refusals.length === 0) return null;
  const more = Math.max(0, behind.length - MAX_LINES) + Math.max(0, refusals.length - MAX_LINES);
  return (
    <ul className="mt-2 space-y-1.5 border-line border-t pt-2 text-xs" data-testid="behind">
      {refusals.slice(0, MAX_LINES).map((line) => (
        <li key={line} className="text-bad">
          {line}
        </li>
      ))}
      {behind.slice(0, MAX_LINES).map((line) => (
        <BehindItem key={line.app} line={line} />
      ))}
      {more > 0 && <li className="text-ink-faint">and {more} more</li>}
    </ul>
  );
}

function BehindItem({ line }: { readonly line: BehindLine }) {
  const { app, pending, connected, heldRevision, heardAtMs, instances } = line;
  const facts = [
    heldRevision === null ? 'has told nothing yet' : `runs revision ${heldRevision}`,
    heardAtMs !== null && `last heard ${toClockTime(heardAtMs)}`,
  ].filter(Boolean);
  return (
    <li>
      <p className="flex items-baseline gap-2">
        <span className="min-w-0 truncate font-medium text-ink">{app}</span>
        <span className="shrink-0 text-ink-soft">
          {pending} of {connected} behind
        </span>
      </p>
      {instances.length > 0 && (
        <p className="text-ink-faint" title={instances.join('\n')}>
          {facts.join(' · ')}
          <span className="block truncate font-mono">
            {instances
              .slice(0, MAX_INSTANCES)
              .map((id) => id.slice(0, SHOWN_ID_CHARS))
              .join(', ')}
            {instances.length > MAX_INSTANCES && ' …'}
          </span>
        </p>
      )}
    </li>
  );
}
