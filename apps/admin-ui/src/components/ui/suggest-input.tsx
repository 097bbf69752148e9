/** One line of text with suggestions: whatever is typed counts, the list only helps. */
import { type ComponentProps, useId } from 'react';
import { BareInput } from './field.tsx';

export interface SuggestInputProps extends Omit<ComponentProps<'input'>, 'onChange' | 'list'> {
  readonly 'aria-label': string;
  readonly suggestions: readonly { readonly value: string; readonly label?: string }[];
  readonly onText: (text: string) => void;
}

export function SuggestInput({ suggestions, onText, ...props }: SuggestInputProps) {
  const id = useId();
  return (
    <>
      <BareInput {...props} list={id} onChange={(event) => onText(event.target.value)} />
      <datalist id={id}>
        {suggestions.map(({ value, label }) => (
          <option key={value} value={value} label={label} />
        ))}
      </datalist>
    </>
  );
}
