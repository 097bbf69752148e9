/** The beginning of a long text, and the rest when asked for. */
import { useState } from 'react';

/** `shown`: characters of the beginning. A little more than that is shown whole. */
export function ShortenedText({ text, shown }: { readonly text: string; readonly shown: number }) {
  const [all, setAll] = useState(false);
  const isLong = text.length > shown * 1.5;
  return (
    <span className="wrap-anywhere min-w-0 whitespace-pre-wrap">
      {isLong && !all ? `${text.slice(0, shown)}…` : text}
      {isLong && (
        <button
          type="button"
          aria-expanded={all}
          className="ml-2 rounded font-sans text-accent hover:underline"
          onClick={() => setAll(!all)}
        >
          {all ? 'Show less' : `Show all ${text.length.toLocaleString('en-GB')} characters`}
        </button>
      )}
    </span>
  );
}
