/** What differs between two states, line by line: what went, what came, and where. */
import type { DiffEntry } from '@yardarm/contract';
import { classNames } from '../lib/class-names.ts';

export function DiffView({ entries }: { readonly entries: readonly DiffEntry[] }) {
  return (
    <dl className="space-y-2 rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-4">
      {entries.map((entry) => (
        <div key={`${entry.kind} ${entry.path.join(' ')}`}>
          <dt className="text-ink-faint">{pathText(entry)}</dt>
          {sidesOf(entry).map(({ sign, text }) => (
            <dd key={`${sign} ${text}`} className={classNames('flex gap-2', sign === '+' ? 'text-good' : 'text-bad')}>
              <span aria-hidden="true">{sign}</span>
              <span className="sr-only">{sign === '+' ? 'after' : 'before'}</span>
              <span className="min-w-0 whitespace-pre-wrap break-words">{text}</span>
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

function pathText({ path, kind }: DiffEntry): string {
  const place = path.length === 0 ? 'everything' : path.join(' › ');
  return kind === 'order' ? `${place}, in order` : place;
}

function sidesOf({ kind, before, after }: DiffEntry): { sign: '−' | '+'; text: string }[] {
  const side = (sign: '−' | '+', value: unknown) => {
    if (value === undefined || (kind === 'elements' && (value as readonly unknown[]).length === 0)) return [];
    return [{ sign, text: kind === 'value' ? JSON.stringify(value) : (value as readonly unknown[]).join(', ') }];
  };
  return [...side('−', before), ...side('+', after)];
}
