/**
 * A list that is typed: Enter or a comma ends an entry, Backspace takes the last one back, a pasted list comes in whole. Of a long one
 * the beginning is shown, and all of it can be read and edited as text.
 */
import { useId, useState } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { CloseIcon } from './icons.tsx';

/** As many entries as a person still looks through one by one. */
const MAX_SHOWN = 30;

export interface TokenInputProps {
  readonly label: string;
  readonly tokens: readonly string[];
  readonly onChange: (tokens: readonly string[]) => void;
  /** Null: this cannot be an entry, and stays in the field. */
  readonly toToken: (typed: string) => string | null;
  readonly placeholder?: string;
  readonly suggestions?: readonly string[];
  readonly invalid?: boolean;
}

export function TokenInput({
  label,
  tokens,
  onChange,
  toToken,
  placeholder,
  suggestions = [],
  invalid = false,
}: TokenInputProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  /** Every entry as a line, while that is open; null: it is closed. */
  const [text, setText] = useState<string | null>(null);
  const add = (text: string) => {
    const entries = text.split(/[\n,]/).filter((entry) => entry.trim() !== '');
    const read = entries.map((entry) => ({ entry, token: toToken(entry) }));
    const added = read.flatMap(({ token }) => (token === null ? [] : [token]));
    if (added.length > 0) onChange([...new Set([...tokens, ...added])]);
    setTyped(read.flatMap(({ entry, token }) => (token === null ? [entry.trim()] : [])).join(', '));
  };
  const shown = tokens.slice(0, MAX_SHOWN);
  return (
    <>
      <div
        className={classNames(
          'flex min-h-8 min-w-0 flex-wrap items-center gap-1 rounded-md border bg-surface px-1 py-0.5 shadow-card',
          'focus-within:outline-2 focus-within:outline-accent',
          invalid ? 'border-bad' : 'border-line-strong',
        )}
      >
        {shown.map((token) => (
          <span
            key={token}
            className="inline-flex h-6 max-w-full items-center gap-0.5 rounded border border-line bg-sunken pl-1.5 text-xs"
          >
            <span className="min-w-0 truncate font-mono" title={token}>
              {token}
            </span>
            <button
              type="button"
              aria-label={`Remove ${token}`}
              className="flex size-5 shrink-0 items-center justify-center rounded text-ink-faint hover:text-ink"
              onClick={() => onChange(tokens.filter((other) => other !== token))}
            >
              <CloseIcon className="size-3" />
            </button>
          </span>
        ))}
        {tokens.length > MAX_SHOWN && (
          <span className="px-1 text-ink-faint text-xs">and {(tokens.length - MAX_SHOWN).toLocaleString('en-GB')} more</span>
        )}
        <input
          aria-label={label}
          aria-invalid={invalid || undefined}
          autoComplete="off"
          spellCheck={false}
          list={suggestions.length > 0 ? id : undefined}
          value={typed}
          placeholder={tokens.length === 0 ? placeholder : undefined}
          className="h-6 w-6 min-w-6 flex-1 bg-transparent px-1 text-sm outline-none"
          onChange={(event) => {
            const { value } = event.target;
            if (/[\n,]/.test(value) || suggestions.includes(value)) add(value);
            else setTyped(value);
          }}
          onPaste={(event) => {
            const text = event.clipboardData.getData('text');
            if (!/[\n,]/.test(text)) return;
            event.preventDefault();
            add(typed + text);
          }}
          onBlur={() => typed.trim() !== '' && add(typed)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && typed.trim() !== '') {
              event.preventDefault();
              add(typed);
            } // Only an entry that is in sight is taken back.
            else if (event.key === 'Backspace' && typed === '' && tokens.length > 0 && tokens.length === shown.length)
              onChange(tokens.slice(0, -1));
          }}
        />
        {suggestions.length > 0 && (
          <datalist id={id}>
            {suggestions.map((suggestion) => (
              <option key={suggestion} value={suggestion} />
            ))}
          </datalist>
        )}
      </div>
      {(tokens.length > MAX_SHOWN || text !== null) && (
        // Not a button: what cannot be edited can be read all the same.
        <details className="mt-1" onToggle={(event) => setText(event.currentTarget.open ? tokens.join('\n') : null)}>
          <summary className="w-fit cursor-pointer rounded text-ink-faint text-xs hover:text-ink">
            All {tokens.length.toLocaleString('en-GB')} as text
          </summary>
          {text !== null && (
            <textarea
              aria-label={`${label}, one a line`}
              rows={12}
              spellCheck={false}
              value={text}
              className="mt-1 w-full rounded-md border border-line-strong bg-surface p-2.5 font-mono text-xs shadow-card"
              onChange={({ target }) => {
                setText(target.value);
                const read = target.value.split('\n').flatMap((line) => (line.trim() === '' ? [] : (toToken(line) ?? [])));
                onChange([...new Set(read)]);
              }}
            />
          )}
        </details>
      )}
    </>
  );
}
