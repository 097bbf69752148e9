/** What differs between two states, line by line: what went, what came, and where. */
import type { DiffEntry } from '@yardarm/contract';
import { classNames } from '../lib/class-names.ts';
import { type PlacedEntry, placeText } from '../lib/place-text.ts';
import { ShortenedText } from './ui/shortened-text.tsx';

/** Of a longer text, the beginning is shown first: a list of targets may name thousands. */
const SHOWN_CHARACTERS = 400;

export interface DiffViewProps {
  readonly entries: readonly PlacedEntry[];
  /** One side in words; undefined where its JSON has to do. */
  readonly toText?: (entry: DiffEntry, value: unknown) => string | undefined;
}

export function DiffView({ entries, toText }: DiffViewProps) {
  return (
    <dl className="space-y-2 rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-4">
      {entries.map((entry) => (
        <div key={`${entry.kind} ${entry.path.join(' ')}`}>
          <dt className="wrap-anywhere text-ink-faint">{placeText(entry)}</dt>
          {sidesOf(entry, toText).map(({ sign, text }) => (
            <dd key={`${sign} ${text}`} className={classNames('flex gap-2', sign === '+' ? 'text-good' : 'text-bad')}>
              <span aria-hidden="true">{sign}</span>
              <span className="sr-only">{sign === '+' ? 'after' : 'before'}</span>
              <ShortenedText text={text} shown={SHOWN_CHARACTERS} />
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

function sidesOf(entry: DiffEntry, toText: DiffViewProps['toText']): { sign: '−' | '+'; text: string }[] {
  const { kind, before, after } = entry;
  const side = (sign: '−' | '+', value: unknown) => {
    if (value === undefined || (kind === 'elements' && (value as readonly unknown[]).length === 0)) return [];
    const asJson = () => (kind === 'value' ? JSON.stringify(value) : (value as readonly unknown[]).join(', '));
    return [{ sign, text: toText?.(entry, value) ?? asJson() }];
  };
  return [...side('−', before), ...side('+', after)];
}
